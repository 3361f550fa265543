import { defineSection } from "@infra/interfaces";
import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { ConfigService, type ConfigLayer } from "../src/index.js";
import { workFolder } from "./work-folder.js";

const keys = ["alpha", "beta", "gamma"] as const;
const layers = ["file", "dotenv", "environment", "arguments", "overrides"] as const;

/** Which layer has which value for which setting. */
const anyLayers = fc.record(
  Object.fromEntries(
    layers.map((layer) => [
      layer,
      fc.dictionary(fc.constantFrom(...keys), fc.integer({ min: 0, max: 65_535 }), {
        noNullPrototype: true,
      }),
    ]),
  ) as Record<(typeof layers)[number], fc.Arbitrary<Record<string, number>>>,
);

const section = defineSection("app", {
  alpha: { doc: "A.", format: "port", default: 1, env: "ALPHA", arg: "alpha" },
  beta: { doc: "B.", format: "port", env: "BETA", arg: "beta" },
  gamma: { doc: "C.", format: "port", default: 3, env: "GAMMA", arg: "gamma" },
});

const variables = (values: Readonly<Record<string, number>>): [string, string][] =>
  Object.entries(values).map(([key, value]) => [key.toUpperCase(), String(value)]);

describe("any mixture of layers", () => {
  it("gives each setting the value of the strongest layer that has one, and says so", () => {
    fc.assert(
      fc.property(anyLayers, (given) => {
        const config = new ConfigService({
          sections: [section],
          cwd: workFolder({
            "config/default.json": JSON.stringify({ app: given.file }),
            ".env": variables(given.dotenv)
              .map(([name, value]) => `${name}=${value}\n`)
              .join(""),
          }),
          env: Object.fromEntries(variables(given.environment)),
          argv: Object.entries(given.arguments).map(([key, value]) => `--${key}=${value}`),
          overrides: { app: given.overrides },
        });
        for (const key of keys) {
          const holders: ConfigLayer[] = layers.filter((each) => key in given[each]).toReversed();
          const fallback = section.defaults()[key];
          if (fallback !== undefined) holders.push("default");
          const [winner, ...others] = holders;
          const value =
            winner === undefined || winner === "default" ? fallback : given[winner as "file"][key];
          const { origin, outdone } = config.explain(`app.${key}`);
          expect(config.get(`app.${key}`)).toBe(value);
          expect(origin?.layer).toBe(winner);
          expect(outdone.map(({ layer }) => layer)).toEqual(others);
        }
      }),
      { numRuns: 100 },
    );
  });
});
