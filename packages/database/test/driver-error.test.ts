import { describe, expect, it } from "@jest/globals";

import { changedTable, isLostConnection } from "../src/driver-error.js";

describe("isLostConnection()", () => {
  it.each([
    [{ code: "ECONNREFUSED", syscall: "connect" }, true],
    [{ code: "ECONNRESET", syscall: "read" }, true],
    // a Unix socket that is not there
    [{ code: "ENOENT", syscall: "connect" }, true],
    // a file that is not there
    [{ code: "ENOENT", syscall: "open" }, false],
    [{ code: "57P01" }, true],
    [{ code: "08006" }, true],
    [{ code: "53300" }, true],
    [{ code: "PROTOCOL_CONNECTION_LOST" }, true],
    [{ code: "ER_CON_COUNT_ERROR" }, true],
    [{ code: "23505" }, false],
    [{ code: "42601" }, false],
    [{}, false],
  ])("%j: %s", (fields, lost) => {
    expect(isLostConnection(Object.assign(new Error("x"), fields))).toBe(lost);
  });
});

describe("changedTable()", () => {
  it.each([
    ["insert into `users` (`name`) values (?)", "users"],
    ["insert or ignore into users values (1)", "users"],
    ["insert ignore into `shop`.`users` values (1)", "users"],
    ['  UPDATE "users" set a = 1', "users"],
    ["delete from `users` where id = ?", "users"],
    ["replace into users values (1)", "users"],
    ["select * from users", undefined],
    [undefined, undefined],
  ])("%j changes %s", (sql, table) => {
    expect(changedTable(sql)).toBe(table);
  });
});
