// Trivial tasks, ten at a time; and what a retry and a circuit breaker add to a call that succeeds.
import { join } from "node:path";

import { ownContestant, slowed } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "100,000 trivial tasks at concurrency 10; retry and circuit breaker around a resolved promise";
export const unit = "calls/s";
export const packages = ["@infra/promises"];

export function versions() {
  return versionsOf("p-map", "p-limit", "p-queue", "cockatiel");
}

const program = join(import.meta.dirname, "promises", "contestant.mjs");
// answers with what a few calls give, how many ran at once, and in which order they began
const contestant = (name, group) => ownContestant(program, { name, group });

export const contestants = [
  contestant("p-map", "tasks"),
  contestant("mapConcurrent", "tasks"),
  contestant("p-limit", "tasks"),
  contestant("p-queue", "tasks"),
  contestant("limiter", "tasks"),
  contestant("cockatiel's retry", "calls"),
  contestant("retry", "calls"),
  contestant("cockatiel's breaker", "calls"),
  contestant("CircuitBreaker", "calls"),
  contestant("cockatiel's retry and breaker", "calls"),
  contestant("retry and CircuitBreaker", "calls"),
  contestant("a plain call", "calls"),
  slowed(contestant("a plain call", "calls"), { name: "a plain call and 1 µs", bySeconds: 1e-6 }),
];

export const bars = [
  { contestant: "mapConcurrent", against: "p-map", least: 1 },
  { contestant: "limiter", against: "p-limit", least: 1 },
  { contestant: "CircuitBreaker", against: "a plain call and 1 µs", least: 1 },
  { contestant: "retry and CircuitBreaker", against: "a plain call and 1 µs", least: 1 },
];
