// How much a package may bring, and how long importing it may take: budgets.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The table in budgets.json. */
export function readBudgets() {
  return JSON.parse(readFileSync(join(import.meta.dirname, "budgets.json"), "utf8"));
}

/** The budget of one package; a package without one is an error. */
export function budgetOf(budgets, name) {
  const budget = budgets.packages[name.replace("@infra/", "")];
  if (budget === undefined) {
    throw new Error(`${name} has no budget: add it to tooling/release/budgets.json`);
  }
  return budget;
}

/**
 * How many packages from outside @infra a package may bring.
 *
 * @param {number} stackPackages how many the library it is named for installs by itself, 0 when it is named for none
 */
export function allowance(budgets, budget, stackPackages) {
  return budget.packages ?? stackPackages + budgets.slack;
}

/** The version of the stack library that a package asks for, as an argument of `npm install`. */
export function stackSpecifier(stack, manifest) {
  const range = manifest.dependencies?.[stack] ?? manifest.peerDependencies?.[stack];
  return range === undefined ? stack : `${stack}@${range}`;
}

/** What a rehearsed package is over its budget in, as sentences. */
export function overBudget({ outside, allowed, importMs }, budget) {
  const problems = [];
  if (outside.length > allowed) {
    const names = outside.map(({ name }) => name).join(", ");
    const stack = budget.stack ? ` (${budget.stack} and what may come with it)` : "";
    problems.push(
      `budget: brings ${outside.length} packages from outside @infra, allowed are ${allowed}${stack}: ${names}`,
    );
  }
  if (budget.importMs !== undefined && importMs > budget.importMs) {
    problems.push(
      `budget: importing takes ${importMs.toFixed(1)} ms, allowed are ${budget.importMs} ms`,
    );
  }
  return problems;
}
