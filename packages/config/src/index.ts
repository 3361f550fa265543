export { ConfigService } from "./config-service.js";
export type {
  ConfigServiceOptions,
  Explanation,
  SettingPath,
  SettingValue,
} from "./config-service.js";
export type { ConvictSection } from "./convict-section.js";
export { configSchema, envExample, settingsTable } from "./describe-sections.js";
export { ConfigError, configErrors } from "./errors.js";
export type { Mistake } from "./mistake.js";
export type { ConfigLayer, Origin } from "./origin.js";
export type { ConfigOverrides } from "./sources.js";
