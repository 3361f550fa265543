import { defineSection, type ConfigSection } from "@infra/interfaces";

export const server: ConfigSection = defineSection("server", {
  port: { doc: "Where to listen.", format: "port", default: 3000, env: "PORT" },
  host: { doc: "Where to listen.", format: "string", default: "127.0.0.1", env: "HOST" },
});
