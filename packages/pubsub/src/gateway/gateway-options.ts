import type { IncomingMessage } from "node:http";

import {
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Credential,
  type Decision,
  type Duration,
  type Principal,
  type Topic,
} from "@infra/interfaces";

import { aboveZero, wholeAboveZero } from "../pubsub-options.js";
import { gatewayConfig } from "./config.js";
import type { GatewayAdapter } from "./gateway-adapter.js";

/** What a client wants to do. */
export interface GatewayAction {
  /** Whose connection it is; `undefined` for nobody. */
  readonly principal: Principal | undefined;
  readonly action: "subscribe" | "publish" | "presence";
  /** A topic; a pattern only with the option `wildcards`. */
  readonly topic: string;
}

/** Says whether a client may. */
export type GatewayRule = (
  action: GatewayAction,
) => boolean | Decision | Promise<boolean | Decision>;

/** What a client showed when it connected. */
export interface GatewayHandshake {
  /** What it sent as `auth`; of an SSE request empty. */
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
}

/** Options of `GatewayService`. */
export interface GatewayOptions {
  /** Where it is reached. @default "/realtime" */
  readonly path?: string;
  /** Origins whose pages may connect, besides the server's own. @default [] */
  readonly origins?: readonly string[];
  /** `"websocket"` alone needs no sticky sessions. @default ["websocket"] */
  readonly transports?: readonly string[];
  /** Says who may subscribe, publish and see others. @default the collaborator `authorizer`; without one nobody may do anything */
  readonly authorize?: GatewayRule;
  /** The cookie with a session of the page's server, which pages are recognised by that send no token. @default none */
  readonly sessionCookie?: string;
  /** What a client's credential is. @default `auth.token`, else the header Authorization: Bearer, else `sessionCookie` */
  readonly credential?: (handshake: GatewayHandshake) => Credential | undefined;
  /** Whether who shows no credential may connect, as nobody. @default false */
  readonly anonymous?: boolean;
  /** What becomes of a connection whose credential ends: it is closed, or goes on as nobody. @default "close" */
  readonly onExpiry?: "close" | "downgrade";
  /** How often each connection's credential is looked at again. @default "30s" */
  readonly recheckEvery?: Duration;
  /** Topics whose schema what clients publish is held against. */
  readonly topics?: readonly Topic[];
  /** Whether clients may subscribe to patterns; `authorize` is asked with the pattern. @default false */
  readonly wildcards?: boolean;
  /** Connections of this node at the most. @default 10_000 */
  readonly maxConnections?: number;
  /** Connections of one user at the most, on all nodes. @default 20 */
  readonly maxConnectionsPerUser?: number;
  /** Topics of one connection at the most. @default 100 */
  readonly maxTopicsPerConnection?: number;
  /** Topics of this node at the most. @default 10_000 */
  readonly maxTopics?: number;
  /** What a message of a client may take; a larger one closes its connection. @default "100kb" */
  readonly maxInboundBytes?: ByteSize;
  /** Messages of one client per second; four times as many close its connection. @default 50 */
  readonly inboundRate?: number;
  /** What may wait to be sent to one client. @default "1mb" */
  readonly maxOutboundBytes?: ByteSize;
  /**
   * What becomes of a client that reads more slowly: `drop` leaves out what it could not be sent (what is kept, or came lately,
   * is sent later), `conflate` sends it the last message of each topic, `close` closes it.
   *
   * @default "drop"
   */
  readonly slow?: "drop" | "conflate" | "close";
  /** How long a client may read too slowly before it is closed. @default "5s" */
  readonly slowTimeout?: Duration;
  /** Messages of a topic that are remembered for clients that come back. @default 500 */
  readonly recentMessages?: number;
  /** What they may take. @default "1mb" */
  readonly recentBytes?: ByteSize;
  /** How long a topic is listened to after its last client left. @default "2m" */
  readonly linger?: Duration;
  /** Messages that are sent again to a client that comes back, at the most. @default 10_000 */
  readonly maxReplay?: number;
  /** Over how long clients come back when the node stops. @default "2s" */
  readonly drainOver?: Duration;
  /** How often clients are asked whether they live. @default "20s" */
  readonly pingEvery?: Duration;
  /** How long they may take to answer. @default "15s" */
  readonly pingTimeout?: Duration;
  /** What gateways that belong together have in common. @default "gateway" */
  readonly name?: string;
  /**
   * Joins what is emitted through `io` itself across nodes: a `RedisGatewayAdapter`, a `PostgresGatewayAdapter`. Topics need
   * none: they go through `pubsub`.
   */
  readonly adapter?: GatewayAdapter;
  /** Options of socket.io's `Server` that have no name here. */
  readonly socketOptions?: Readonly<Record<string, unknown>>;
}

type Resolved<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** The options with every default filled in; durations in milliseconds, sizes in bytes. */
export interface ResolvedGatewayOptions extends Resolved<
  Pick<
    GatewayOptions,
    | "path"
    | "origins"
    | "transports"
    | "credential"
    | "anonymous"
    | "onExpiry"
    | "topics"
    | "wildcards"
    | "maxConnections"
    | "maxConnectionsPerUser"
    | "maxTopicsPerConnection"
    | "maxTopics"
    | "inboundRate"
    | "slow"
    | "recentMessages"
    | "maxReplay"
    | "name"
    | "socketOptions"
  >
> {
  readonly authorize: GatewayRule | undefined;
  readonly adapter: GatewayAdapter | undefined;
  readonly recheckEveryMs: number;
  readonly maxInboundBytes: number;
  readonly maxOutboundBytes: number;
  readonly slowTimeoutMs: number;
  readonly recentBytes: number;
  readonly lingerMs: number;
  readonly drainOverMs: number;
  readonly pingEveryMs: number;
  readonly pingTimeoutMs: number;
}

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @throws RangeError naming the option and the value received.
 */
export function resolveGatewayOptions(options: GatewayOptions): ResolvedGatewayOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as GatewayOptions;
  const all = { ...gatewayConfig.defaults(), ...given };
  const milliseconds = (
    name: "recheckEvery" | "slowTimeout" | "linger" | "drainOver" | "pingEvery" | "pingTimeout",
  ) => aboveZero(toMilliseconds(all[name], name), name);
  const bytes = (name: "maxInboundBytes" | "maxOutboundBytes" | "recentBytes") =>
    aboveZero(toBytes(all[name], name), name);
  const whole = (
    name:
      | "maxConnections"
      | "maxConnectionsPerUser"
      | "maxTopicsPerConnection"
      | "maxTopics"
      | "inboundRate"
      | "recentMessages"
      | "maxReplay",
  ) => wholeAboveZero(all[name], name);
  if (!/^\/[\w./-]+$/.test(all.path)) {
    throw new RangeError(`path must be one such as "/realtime", got ${JSON.stringify(all.path)}`);
  }
  if (!/^[a-z0-9-]{1,40}$/.test(all.name)) {
    throw new RangeError(
      `name must be lower-case letters, digits and "-", got ${JSON.stringify(all.name)}`,
    );
  }
  return {
    path: all.path,
    name: all.name,
    origins: all.origins.map(originOf),
    transports: all.transports,
    credential: given.credential ?? ((handshake) => usualCredential(handshake, all.sessionCookie)),
    anonymous: all.anonymous,
    authorize: given.authorize,
    adapter: given.adapter,
    onExpiry: oneOf(all.onExpiry, ["close", "downgrade"] as const, "onExpiry"),
    slow: oneOf(all.slow, ["drop", "conflate", "close"] as const, "slow"),
    topics: given.topics ?? [],
    wildcards: all.wildcards,
    socketOptions: given.socketOptions ?? {},
    maxConnections: whole("maxConnections"),
    maxConnectionsPerUser: whole("maxConnectionsPerUser"),
    maxTopicsPerConnection: whole("maxTopicsPerConnection"),
    maxTopics: whole("maxTopics"),
    inboundRate: whole("inboundRate"),
    recentMessages: whole("recentMessages"),
    maxReplay: whole("maxReplay"),
    maxInboundBytes: bytes("maxInboundBytes"),
    maxOutboundBytes: bytes("maxOutboundBytes"),
    recentBytes: bytes("recentBytes"),
    recheckEveryMs: milliseconds("recheckEvery"),
    slowTimeoutMs: milliseconds("slowTimeout"),
    lingerMs: milliseconds("linger"),
    drainOverMs: milliseconds("drainOver"),
    pingEveryMs: milliseconds("pingEvery"),
    pingTimeoutMs: milliseconds("pingTimeout"),
  };
}

function usualCredential(
  { auth, headers }: GatewayHandshake,
  sessionCookie: string | undefined,
): Credential | undefined {
  const { token } = auth;
  if (typeof token === "string" && token !== "") return { scheme: "bearer", value: token };
  const value = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (value !== undefined) return { scheme: "bearer", value };
  for (const pair of sessionCookie === undefined ? [] : (headers.cookie ?? "").split(";")) {
    const [name = "", session = ""] = pair.trim().split("=", 2);
    if (name === sessionCookie && session !== "") return { scheme: "session", value: session };
  }
  return undefined;
}

function originOf(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin !== "null") return new URL(origin).origin;
  throw new RangeError(
    `origins must be such as "https://app.example", got ${JSON.stringify(origin)}`,
  );
}

function oneOf<T extends string>(value: string, values: readonly T[], name: string): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new RangeError(`${name} must be ${values.join(", ")}, got ${JSON.stringify(value)}`);
}
