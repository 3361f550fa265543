import { readFileSync } from "node:fs";

import { describeReadme } from "@infra/jest-preset/readme";
import { expect, it } from "@jest/globals";

import * as app from "../src/app.js";
import * as auth from "../src/auth.js";
import * as database from "../src/database.js";
import * as testing from "../src/index.js";
import * as s3 from "../src/s3.js";
import * as storageContract from "../src/storage-contract.js";

describeReadme(new URL("..", import.meta.url));

it("the README names everything that can be imported", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const names = [testing, app, auth, database, s3, storageContract].flatMap((each) =>
    Object.keys(each),
  );
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});
