type Runner = typeof import("@jest/globals");

/** The functions of the test runner: Jest's globals, or Vitest's when it is told to have them. */
const runner = globalThis as unknown as Runner;

export const afterAll: Runner["afterAll"] = runner.afterAll;
export const beforeAll: Runner["beforeAll"] = runner.beforeAll;
export const beforeEach: Runner["beforeEach"] = runner.beforeEach;
export const describe: Runner["describe"] = runner.describe;
export const expect: Runner["expect"] = runner.expect;
export const it: Runner["it"] = runner.it;
