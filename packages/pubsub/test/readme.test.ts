import { readFileSync } from "node:fs";

import { describeReadme } from "@infra/jest-preset/readme";
import { describe, expect, it } from "@jest/globals";

import { gatewayConfig } from "../src/gateway.js";
import { pubsubConfig, pubsubErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: pubsubErrors });

describe("README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

  it.each([...Object.keys(pubsubConfig.settings), ...Object.keys(gatewayConfig.settings)])(
    "Options has a row for %s",
    (name) => {
      expect(readme).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, "m"));
    },
  );
});
