type Runner = typeof import("@jest/globals");

function globalOf<
  Name extends "afterAll" | "afterEach" | "beforeAll" | "beforeEach" | "describe" | "expect" | "it",
>(name: Name): Runner[Name] {
  const found = (globalThis as unknown as Partial<Runner>)[name];
  const missing = (): never => {
    throw new Error(
      `a contract suite needs the global function ${name}: run it under Jest, or under Vitest with \`globals: true\``,
    );
  };
  return found ?? (missing as unknown as Runner[Name]);
}

// The functions of the test runner that this runs under; without one, calling them is an error.
export const afterAll: Runner["afterAll"] = globalOf("afterAll");
export const afterEach: Runner["afterEach"] = globalOf("afterEach");
export const beforeAll: Runner["beforeAll"] = globalOf("beforeAll");
export const beforeEach: Runner["beforeEach"] = globalOf("beforeEach");
export const describe: Runner["describe"] = globalOf("describe");
export const expect: Runner["expect"] = globalOf("expect");
export const it: Runner["it"] = globalOf("it");
