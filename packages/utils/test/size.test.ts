import { readFileSync } from "node:fs";

import { sizesOf } from "@infra/build/sizes";
import { beforeAll, describe, expect, it } from "@jest/globals";

/** Bytes of a bundle that imports one name, minified and gzipped; by subpath and name. */
type Budgets = Readonly<Record<string, Readonly<Record<string, number>>>>;

const folder = new URL("..", import.meta.url);
const budgets = JSON.parse(
  readFileSync(new URL("test/size-budgets.json", folder), "utf8"),
) as Budgets;
let sizes: Budgets;

beforeAll(async () => {
  sizes = (await sizesOf(folder)).imports;
}, 60_000);

describe.each(Object.entries(budgets))("%s, bundled for one import", (subpath, budget) => {
  it("has a budget for each export", () => {
    expect(Object.keys(budget).toSorted()).toEqual(Object.keys(sizes[subpath]!).toSorted());
  });

  it.each(Object.entries(budget))("%s takes no more than %i bytes", (name, most) => {
    const bytes = sizes[subpath]![name];
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(most);
  });
});

it("every entry point has budgets", () => {
  expect(Object.keys(budgets)).toEqual(Object.keys(sizes));
});
