import { describe, expect, it } from "@jest/globals";

import { allowance, budgetOf, overBudget, readBudgets, stackSpecifier } from "../budgets.mjs";

const budgets = { slack: 3, packages: { errors: { packages: 0, importMs: 15 }, queue: {} } };

describe("budgetOf()", () => {
  it("gives the entry of a package, and an error when there is none", () => {
    expect(budgetOf(budgets, "@infra/errors")).toEqual({ packages: 0, importMs: 15 });
    expect(() => budgetOf(budgets, "@infra/new")).toThrow("@infra/new has no budget");
  });

  it("knows every package that the layout check knows", async () => {
    const { tiers } = await import("@infra/check");
    expect(Object.keys(readBudgets().packages).toSorted()).toEqual(Object.keys(tiers).toSorted());
  });
});

describe("allowance()", () => {
  it("is the fixed number, or what the stack library brings and the slack", () => {
    expect(allowance(budgets, { packages: 0 }, 0)).toBe(0);
    expect(allowance(budgets, {}, 0)).toBe(3);
    expect(allowance(budgets, { stack: "knex" }, 14)).toBe(17);
  });
});

describe("stackSpecifier()", () => {
  it("asks for the range that the package asks for", () => {
    expect(stackSpecifier("keyv", { dependencies: { keyv: "^5.0.0" } })).toBe("keyv@^5.0.0");
    expect(stackSpecifier("fastify", { peerDependencies: { fastify: "^5" } })).toBe("fastify@^5");
    expect(stackSpecifier("sharp", {})).toBe("sharp");
  });
});

describe("overBudget()", () => {
  const outside = [{ name: "a" }, { name: "b" }];

  it("says nothing within the budget", () => {
    expect(overBudget({ outside, allowed: 2, importMs: 15 }, { importMs: 15 })).toEqual([]);
    expect(overBudget({ outside, allowed: 2, importMs: 900 }, {})).toEqual([]);
  });

  it("names the packages that are too many, and the time that is too long", () => {
    expect(
      overBudget({ outside, allowed: 1, importMs: 15.24 }, { stack: "a", importMs: 15 }),
    ).toEqual([
      "budget: brings 2 packages from outside @infra, allowed are 1 (a and what may come with it): a, b",
      "budget: importing takes 15.2 ms, allowed are 15 ms",
    ]);
  });
});
