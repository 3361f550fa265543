import { expect } from "./runner.js";

/** Fails when two values differ; objects of another realm, as `structuredClone` makes them under Jest, are like any other. */
export function same(received: unknown, expected: unknown): void {
  expect(received).toEqual(expected);
}
