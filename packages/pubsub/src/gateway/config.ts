import { defineSection } from "@infra/interfaces";

/** The configuration of the gateway: the section `gateway`. */
export const gatewayConfig = defineSection("gateway", {
  path: { doc: "Where the gateway is reached.", format: "string", default: "/realtime" },
  name: {
    doc: "What gateways that belong together have in common.",
    format: "string",
    default: "gateway",
  },
  origins: {
    doc: "Origins whose pages may connect, besides the server's own.",
    format: "list",
    default: [],
    env: "GATEWAY_ORIGINS",
  },
  sessionCookie: {
    doc: "The cookie with a session, which pages are recognised by that send no token.",
    format: "string",
  },
  transports: {
    doc: "Transports of socket.io; websocket alone needs no sticky sessions.",
    format: "list",
    default: ["websocket"],
  },
  anonymous: {
    doc: "Whether who shows no credential may connect, as nobody.",
    format: "boolean",
    default: false,
  },
  onExpiry: {
    doc: "What becomes of a connection whose credential ends.",
    format: "enum",
    values: ["close", "downgrade"],
    default: "close",
  },
  recheckEvery: {
    doc: "How often each connection's credential is looked at again.",
    format: "duration",
    default: "30s",
  },
  wildcards: {
    doc: "Whether clients may subscribe to patterns.",
    format: "boolean",
    default: false,
  },
  maxConnections: {
    doc: "Connections of this node at the most.",
    format: "integer",
    default: 10_000,
    env: "GATEWAY_MAX_CONNECTIONS",
  },
  maxConnectionsPerUser: {
    doc: "Connections of one user at the most, on all nodes.",
    format: "integer",
    default: 20,
  },
  maxTopicsPerConnection: {
    doc: "Topics of one connection at the most.",
    format: "integer",
    default: 100,
  },
  maxTopics: { doc: "Topics of this node at the most.", format: "integer", default: 10_000 },
  maxInboundBytes: {
    doc: "What a message of a client may take; a larger one closes its connection.",
    format: "bytes",
    default: "100kb",
  },
  inboundRate: {
    doc: "Messages of one client per second.",
    format: "integer",
    default: 50,
  },
  maxOutboundBytes: {
    doc: "What may wait to be sent to one client.",
    format: "bytes",
    default: "1mb",
  },
  slow: {
    doc: "What becomes of a client that reads more slowly than it is written to.",
    format: "enum",
    values: ["drop", "conflate", "close"],
    default: "drop",
  },
  slowTimeout: {
    doc: "How long a client may read too slowly before it is closed.",
    format: "duration",
    default: "5s",
  },
  recentMessages: {
    doc: "Messages of a topic that are remembered for clients that come back.",
    format: "integer",
    default: 500,
  },
  recentBytes: { doc: "What they may take.", format: "bytes", default: "1mb" },
  linger: {
    doc: "How long a topic is listened to after its last client left.",
    format: "duration",
    default: "2m",
  },
  maxReplay: {
    doc: "Messages that are sent again to a client that comes back, at the most.",
    format: "integer",
    default: 10_000,
  },
  drainOver: {
    doc: "Over how long clients come back when the node stops.",
    format: "duration",
    default: "2s",
  },
  pingEvery: {
    doc: "How often clients are asked whether they live.",
    format: "duration",
    default: "20s",
  },
  pingTimeout: {
    doc: "How long they may take to answer.",
    format: "duration",
    default: "15s",
  },
});
