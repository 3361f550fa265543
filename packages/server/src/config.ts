import { defineSection } from "@infra/interfaces";

/** The section `server` of the configuration. */
export const serverConfig = defineSection("server", {
  host: {
    doc: "The address to listen on; 0.0.0.0 for all of them.",
    format: "string",
    default: "127.0.0.1",
    env: "HOST",
  },
  port: {
    doc: "The port to listen on; 0 picks a free one.",
    format: "port",
    default: 3000,
    env: "PORT",
  },
  socket: {
    doc: "The path of a Unix socket to listen on instead of a port.",
    format: "string",
    default: "",
  },
  trustProxy: {
    doc: "Addresses and networks of the proxies whose X-Forwarded headers are believed.",
    format: "list",
    default: [],
    env: "TRUST_PROXY",
  },
  headersTimeout: {
    doc: "How long a client may take to send a request's headers.",
    format: "duration",
    default: "10s",
  },
  requestTimeout: {
    doc: "How long a client may take to send a whole request.",
    format: "duration",
    default: "25s",
  },
  keepAliveTimeout: {
    doc: "How long a connection without a request is kept open.",
    format: "duration",
    default: "25s",
  },
  handlerTimeout: {
    doc: "How long a request may wait for the first byte of its response.",
    format: "duration",
    default: "60s",
  },
  stopDelay: {
    doc: "How long a stop goes on accepting, while readiness is down, before it begins.",
    format: "duration",
    default: "0s",
  },
  stopTimeout: {
    doc: "How long a stop waits for the requests under way.",
    format: "duration",
    default: "10s",
  },
  bodyLimit: { doc: "The largest body of a request.", format: "bytes", default: "1mb" },
  headersLimit: { doc: "The largest headers of a request.", format: "bytes", default: "16kb" },
  urlLimit: { doc: "The longest URL of a request.", format: "bytes", default: "4kb" },
  paramLimit: {
    doc: "The most characters of a parameter in a URL's path.",
    format: "integer",
    default: 256,
  },
});
