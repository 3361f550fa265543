import { isIPv6 } from "node:net";

import { RateLimitedError } from "@infra/errors";
import {
  silentLogger,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type Logger,
  type RateLimitResult,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

import { MemoryRateLimitStore } from "./drivers/memory.js";
import { StoreUnavailableError } from "./errors.js";
import {
  appendHeader,
  definePlugin,
  type Check,
  type NeutralPlugin,
  type WebRequest,
} from "./neutral.js";
import { PatientStore } from "./patient-store.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** This route's own limit, counted apart from the others'; `false` for none. */
    rateLimit?:
      | Partial<Pick<RateLimitOptions, "limit" | "window" | "burst" | "cost" | "name">>
      | false;
  }
}

/** Options of {@link rateLimit}. */
export interface RateLimitOptions<Request extends WebRequest = WebRequest> {
  /** How many requests in any one window, or who knows it for a request. 0 refuses all. */
  readonly limit: number | ((request: Request) => number | Promise<number>);
  /** @default "1m" */
  readonly window?: Duration;
  /** How many more at once, after a whole window without any. @default 0 */
  readonly burst?: number;
  /** How much a request weighs. @default 1 */
  readonly cost?: number | ((request: Request) => number);
  /**
   * Whose requests are counted together; `undefined`: this one is not counted.
   *
   * @default the client's address, for IPv6 its network of 64 bits
   */
  readonly key?: (request: Request) => string | undefined;
  /** What the limit is called: part of the keys and of the headers. @default "default" */
  readonly name?: string;
  /** Where it is counted. @default a MemoryRateLimitStore of its own: this process alone */
  readonly store?: RateLimitStore;
  /**
   * While the store does not answer: `allow` every request, `refuse` them with 503, or count them in this process (`local`).
   *
   * @default "local"
   */
  readonly onStoreFailure?: "allow" | "refuse" | "local";
  /** How long the store may take. @default 200 ms */
  readonly storeTimeout?: Duration;
  /** How long a store that failed is left alone. @default "1s" */
  readonly storeRetry?: Duration;
  /** Tells clients how they stand: `RateLimit`, `RateLimit-Policy`. @default true */
  readonly headers?: boolean;
  /** Told when the store fails, and when it is back. @default nobody */
  readonly logger?: Logger;
  /** @default the system's */
  readonly clock?: Clock;
}

/** An address as the key of a limit: whoever has one address of IPv6 has at least 2^64 of them. */
export function addressKey(ip: string | undefined): string {
  if (ip === undefined) return "unknown";
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped) return mapped[1]!;
  const [head = "", tail] = ip.replace(/%.*$/, "").split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const rest = tail === "" ? [] : tail.split(":");
    while (groups.length + rest.length < 8) groups.push("0");
    groups.push(...rest);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

function create(options: RateLimitOptions): Check {
  const clock = options.clock ?? systemClock;
  const local = new MemoryRateLimitStore({ clock });
  const { key: keyOf = ({ ip }) => addressKey(ip), onStoreFailure = "local" } = options;
  if (!["allow", "refuse", "local"].includes(onStoreFailure)) {
    throw new TypeError(
      `rate limit: onStoreFailure must be "allow", "refuse" or "local", got ${onStoreFailure}`,
    );
  }
  if (typeof options.limit !== "function") checkWhole("limit", options.limit, 0);
  checkWhole("burst", options.burst ?? 0, 0);
  const usualWindowMs = windowOf(options.window ?? "1m");
  const store = new PatientStore({
    store: options.store ?? local,
    timeoutMs: toMilliseconds(options.storeTimeout ?? 200, "storeTimeout"),
    retryMs: toMilliseconds(options.storeRetry ?? "1s", "storeRetry"),
    clock,
    logger: options.logger ?? silentLogger,
  });

  return (request, response, { rateLimit: route, url }) => {
    if (route === false) return undefined;
    const key = keyOf(request);
    if (key === undefined) return undefined;
    const limit = route?.limit ?? options.limit;
    const cost = route?.cost ?? options.cost ?? 1;
    const weight = typeof cost === "function" ? cost(request) : cost;
    // a route with a limit of its own is counted by itself
    const name = route?.name ?? (route ? `${options.name ?? "default"}:${url}` : options.name);
    const label = name ?? "default";
    const windowMs = route?.window === undefined ? usualWindowMs : windowOf(route.window);
    const burst = route?.burst ?? options.burst ?? 0;

    const count = async (): Promise<void> => {
      const rule: RateLimitRule = {
        limit: typeof limit === "function" ? await limit(request) : limit,
        windowMs,
        burst,
      };
      const storeKey = `${label}:${key}`.slice(0, 512);
      let result = await store.consume(storeKey, rule, weight);
      if (result === undefined) {
        if (onStoreFailure === "allow") return;
        if (onStoreFailure === "refuse") {
          throw new StoreUnavailableError("the rate limit can't be looked up");
        }
        result = await local.consume(storeKey, rule, { cost: weight });
      }
      if (options.headers !== false) {
        for (const [header, value] of headersOf(label, rule, result)) {
          appendHeader(response, header, value);
        }
      }
      if (!result.allowed) {
        throw new RateLimitedError("too many requests", { retryAfterMs: result.retryAfterMs });
      }
    };
    return count();
  };
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** draft-ietf-httpapi-ratelimit-headers: structured fields, times in whole seconds. */
function headersOf(
  name: string,
  { limit, windowMs, burst = 0 }: RateLimitRule,
  { remaining, resetMs, retryAfterMs }: RateLimitResult,
): readonly (readonly [string, string])[] {
  const item = `"${name.replaceAll(/[^\w.:/*-]/g, "_")}"`;
  const reset = seconds(retryAfterMs > 0 ? retryAfterMs : resetMs);
  return [
    ["ratelimit-policy", `${item};q=${limit + burst};w=${seconds(windowMs)}`],
    ["ratelimit", `${item};r=${remaining};t=${reset}`],
  ];
}

function windowOf(window: Duration): number {
  const windowMs = toMilliseconds(window, "window");
  if (windowMs >= 1 && windowMs < Infinity) return Math.round(windowMs);
  throw new RangeError(`rate limit: window must be at least 1 ms, got ${windowMs}`);
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `rate limit: ${name} must be a whole number from ${least}, got ${String(value)}`,
  );
}

/**
 * Bounds how many requests a client sends: no more than the limit in any window, whenever it begins. Beyond, a request is
 * answered with 429 and `Retry-After`, and counts nothing. Exact also when a thousand come at once, and between processes
 * with a store that they share.
 */
export const rateLimit: NeutralPlugin<RateLimitOptions> = definePlugin({
  name: "rate-limit",
  after: ["request-id", "access-log", "security-headers", "cors", "ip-filter", "maintenance"],
  create,
});
