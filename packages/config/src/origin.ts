/** The layers, from the weakest to the strongest. */
export type ConfigLayer = "default" | "file" | "dotenv" | "environment" | "arguments" | "overrides";

/** Where a value came from. */
export interface Origin {
  readonly layer: ConfigLayer;
  /** In words: `config/production.yaml`, `PORT in .env.local`, `PORT in the environment`, `--port`. */
  readonly source: string;
}
