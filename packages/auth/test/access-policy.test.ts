import type { Principal } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { matches } from "../src/condition.js";
import { AccessPolicy, conditionToSql } from "../src/index.js";

const who = (id: string, ...roles: string[]): Principal => ({ id, roles });
const ada = who("ada", "user");
const eve = who("eve", "editor");
const root = who("root", "admin");

const policy = new AccessPolicy({
  roles: {
    user: ["notes.create"],
    editor: { can: ["notes.read"], inherits: ["user"] },
    admin: ["*"],
  },
  rules: [
    { allow: "notes.read", to: "anyone", where: { public: true } },
    { allow: ["notes.read", "notes.delete"], where: ({ id }) => ({ ownerId: id }) },
    { allow: "notes.update", where: ({ id }) => ({ ownerId: id }), fields: ["title", "text"] },
    { allow: "notes.update", to: ["editor"], fields: ["title"] },
    { deny: "notes.delete", where: { locked: true }, because: "the note is locked" },
  ],
});

describe("AccessPolicy", () => {
  it("denies what no rule allows", () => {
    expect(policy.can(undefined, "notes.read")).toBe(false);
    expect(policy.can(ada, "users.read")).toBe(false);
    expect(policy.can(who("bob", "unknown role"), "notes.create")).toBe(false);
    expect(new AccessPolicy().can(root, "anything")).toBe(false);
  });

  it("allows what a role may, and what roles that it inherits from may", () => {
    expect(policy.can(ada, "notes.create")).toBe(true);
    expect(policy.can(eve, "notes.create")).toBe(true);
    expect(policy.can(root, "anything.at.all")).toBe(true);
  });

  it("asks the resource, for the one who asks", () => {
    expect(policy.can(ada, "notes.read", { ownerId: "ada" })).toBe(true);
    expect(policy.can(ada, "notes.read", { ownerId: "bob" })).toBe(false);
    expect(policy.can(undefined, "notes.read", { ownerId: "bob", public: true })).toBe(true);
    expect(policy.can(undefined, "notes.read", {})).toBe(false);
  });

  it("without a resource, a rule that depends on one allows nothing and denies nothing", () => {
    expect(policy.can(ada, "notes.read")).toBe(false);
    expect(policy.can(root, "notes.delete")).toBe(true);
  });

  it("a rule that denies goes before all others, and says why", async () => {
    const note = { ownerId: "ada", locked: true };
    expect(await policy.decide(root, "notes.delete", note)).toEqual({
      allowed: false,
      reason: "the note is locked",
    });
    expect(await policy.decide(ada, "notes.delete", { ownerId: "ada" })).toEqual({ allowed: true });
  });

  it("Trap: a rule that denies by who it is denies nobody's request too", () => {
    const strict = new AccessPolicy({
      rules: [
        { allow: "notes.read", to: "anyone" },
        { deny: "notes.read", to: "anyone", where: ({ id }) => ({ blockedId: id }) },
      ],
    });
    expect(strict.can(undefined, "notes.read", {})).toBe(false);
    expect(strict.condition(undefined, "notes.read")).toEqual({ kind: "never" });
    expect(strict.can(ada, "notes.read", { blockedId: "bob" })).toBe(true);
  });

  it("the abilities of a key take away, and never add", () => {
    const key = { ...ada, abilities: ["notes.*"] };
    expect(policy.can(key, "notes.create")).toBe(true);
    expect(policy.can(key, "users.read")).toBe(false);
    expect(policy.can({ ...root, abilities: ["notes.read"] }, "notes.create")).toBe(false);
    expect(policy.can({ ...root, abilities: [] }, "notes.read")).toBe(false);
    expect(policy.condition({ ...root, abilities: [] }, "notes.read")).toEqual({ kind: "never" });
  });

  it("explain() names every rule that speaks of it", () => {
    const note = { ownerId: "ada", locked: true };
    expect(policy.explain(root, "notes.delete", note)).toEqual({
      allowed: false,
      reason: "the note is locked",
      rules: [
        { rule: "role admin", effect: "allow", holds: true },
        { rule: "rules[1] allow notes.read, notes.delete", effect: "allow", holds: false },
        { rule: "rules[4] deny notes.delete", effect: "deny", holds: true },
      ],
    });
    expect(policy.explain(ada, "notes.read").rules[0]?.holds).toBeUndefined();
  });

  it("fields() says which fields, and forbiddenFields() which of a change are not", () => {
    const note = { ownerId: "ada" };
    expect(policy.fields(ada, "notes.update", note)).toEqual(["title", "text"]);
    expect(policy.fields(eve, "notes.update", note)).toEqual(["title"]);
    expect(policy.fields(who("bob", "user"), "notes.update", note)).toEqual([]);
    expect(policy.fields(root, "notes.update", note)).toBeUndefined();
    expect(policy.forbiddenFields(ada, "notes.update", note, { title: 1, ownerId: 2 })).toEqual([
      "ownerId",
    ]);
  });

  it("authorize() throws 401 for nobody and 403 with the reason for somebody", () => {
    expect(() => policy.authorize(undefined, "notes.create")).toThrow(
      expect.objectContaining({ status: 401 }),
    );
    expect(() => policy.authorize(ada, "users.read")).toThrow(
      expect.objectContaining({ status: 403, message: "not allowed: users.read" }),
    );
    policy.authorize(ada, "notes.create");
  });

  it("refuses rules and roles that are none", () => {
    for (const options of [
      { rules: [{}] },
      { rules: [{ allow: "a", deny: "b" }] },
      { rules: [{ allow: [] }] },
      { rules: [{ allow: "no action!" }] },
      { rules: [{ deny: "a", fields: ["x"] }] },
      { roles: { a: { can: [], inherits: ["b"] } } },
      { roles: { a: { can: [], inherits: ["b"] }, b: { can: [], inherits: ["a"] } } },
      { roles: { a: ["no action!"] } },
    ]) {
      expect(() => new AccessPolicy(options)).toThrow(TypeError);
    }
    expect(() => policy.can(ada, "notes.*")).toThrow("action must be like");
  });
});

describe("AccessPolicy.condition()", () => {
  const columns = { ownerId: "owner_id", public: "is_public", locked: "locked" };

  it("is what a query asks, by bound values", () => {
    expect(conditionToSql(policy.condition(ada, "notes.read"), columns)).toEqual({
      sql: "((is_public is not null and is_public = ?) or (owner_id is not null and owner_id = ?))",
      bindings: [true, "ada"],
    });
    expect(conditionToSql(policy.condition(root, "notes.read"), columns).sql).toBe("1 = 1");
    expect(conditionToSql(policy.condition(ada, "users.read"), columns).sql).toBe("1 = 0");
    expect(conditionToSql(policy.condition(root, "notes.delete"), columns).sql).toBe(
      "not ((locked is not null and locked = ?))",
    );
    expect(() => conditionToSql(policy.condition(ada, "notes.read"), {})).toThrow(
      'for the field "public"',
    );
  });

  it("holds for exactly the resources that can() allows", () => {
    const values = [undefined, null, true, false, "ada", "bob"];
    for (const principal of [undefined, ada, eve, root]) {
      for (const action of ["notes.read", "notes.update", "notes.delete", "notes.create"]) {
        const condition = policy.condition(principal, action);
        for (const ownerId of values) {
          for (const flag of values) {
            const note = { ownerId, public: flag, locked: flag };
            expect([action, note, matches(condition, note)]).toEqual([
              action,
              note,
              policy.can(principal, action, note),
            ]);
          }
        }
      }
    }
  });
});
