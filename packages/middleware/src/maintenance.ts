import { toMilliseconds, type Duration } from "@infra/interfaces";

import { MaintenanceError } from "./errors.js";
import { definePlugin, type NeutralPlugin, type WebRequest } from "./neutral.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** `false`: this route answers during maintenance. */
    maintenance?: false;
  }
}

/** Options of {@link maintenance}. */
export interface MaintenanceOptions {
  /** Whether it is on: asked for every request, so that a flag can be flipped while the application runs. */
  readonly enabled: boolean | (() => boolean | Promise<boolean>);
  /** Requests that go through all the same. @default none */
  readonly allow?: (request: WebRequest) => boolean;
  /** When to try again: `Retry-After`. @default "5m" */
  readonly retryAfter?: Duration;
}

/** Answers everything with 503 and `Retry-After` while the application is being maintained. */
export const maintenance: NeutralPlugin<MaintenanceOptions> = definePlugin({
  name: "maintenance",
  after: ["request-id", "access-log", "security-headers"],
  create({ enabled, allow, retryAfter = "5m" }) {
    if (typeof enabled !== "boolean" && typeof enabled !== "function") {
      throw new TypeError(
        `maintenance: enabled must be a boolean or a function, got ${typeof enabled}`,
      );
    }
    const seconds = String(Math.ceil(toMilliseconds(retryAfter, "retryAfter") / 1000));
    return (request, response, { maintenance: route }) => {
      if (route === false) return undefined;
      const refuse = (on: boolean): void => {
        if (!on || allow?.(request)) return;
        response.header("retry-after", seconds);
        throw new MaintenanceError("under maintenance", {
          publicMessage: "This is being maintained. Please try again later.",
        });
      };
      const on = typeof enabled === "function" ? enabled() : enabled;
      return typeof on === "boolean" ? refuse(on) : on.then(refuse);
    };
  },
});
