import { defineSection } from "@infra/interfaces";

/** This package's section of the configuration. */
export const lifecycleConfig = defineSection("lifecycle", {
  hookTimeout: {
    doc: "How long a startup hook or the start of a service may take.",
    format: "duration",
    default: "30s",
    env: "STARTUP_HOOK_TIMEOUT",
  },
  shutdownTimeout: {
    doc: "How long the whole shutdown may take.",
    format: "duration",
    default: "10s",
    env: "SHUTDOWN_TIMEOUT",
  },
  drainTimeout: {
    doc: "How much of it shutdown hooks and work that is waited for may take. Unset: as much as it leaves.",
    format: "duration",
    env: "SHUTDOWN_DRAIN_TIMEOUT",
  },
  preStopDelay: {
    doc: "How long to answer requests with readiness already red. Unset: 2s if readiness was probed in the last 30s, else 0.",
    format: "duration",
    env: "PRE_STOP_DELAY",
  },
  healthTimeout: {
    doc: "How long a health check may take before it counts as down.",
    format: "duration",
    default: "2s",
  },
  healthCacheTtl: {
    doc: "How long the answer of a health check is good for.",
    format: "duration",
    default: "1s",
  },
});
