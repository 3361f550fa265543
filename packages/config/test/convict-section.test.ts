import { defineSection } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { ConfigService } from "../src/index.js";
import { workFolder } from "./work-folder.js";

const database = defineSection("database", {
  url: {
    doc: "Where the data is.",
    format: "database-url",
    default: "pglite:./data/db",
    sensitive: true,
  },
});
const server = defineSection("server", {
  port: { doc: "Where to listen.", format: "port", default: 3000, env: "PORT" },
  timeout: { doc: "How long.", format: "duration", default: "30s" },
});

const make = (env: Readonly<Record<string, string>> = {}): ConfigService =>
  new ConfigService({ cwd: workFolder(), env, argv: [] });

describe("ConfigService.convict()", () => {
  it("is the section as a convict configuration", () => {
    const config = make({ PORT: "81" });
    const instance = config.convict(server);
    expect(instance.get("server.port")).toBe(81);
    expect(instance.get("server.timeout")).toBe(30_000);
    expect(instance.validate({ allowed: "strict" })).toBeDefined();
    expect(config.convict(server)).toBe(instance);
  });

  // convict's own getProperties() has the secrets
  it("has no secret in it, neither a value nor a default", () => {
    const section = defineSection("keys", {
      key: { doc: "A key.", format: "string", env: "KEY", sensitive: true, default: "hunter2" },
    });
    const instance = make({ KEY: "hunter3" }).convict(section);
    expect(instance.get("keys.key")).toBe("[secret]");
    expect(instance.getProperties()).toEqual({ keys: { key: "[secret]" } });
    expect(JSON.stringify(instance.getSchema())).not.toContain("hunter");
    expect(instance.validate({ allowed: "strict" })).toBeDefined();
  });

  it("has a JSON value as it is, not merged into its default", () => {
    const section = defineSection("own", {
      tree: { doc: "Anything.", format: "json", default: { a: 1 }, env: "TREE" },
    });
    const instance = make({ TREE: '{"b":2}' }).convict(section);
    expect(instance.get("own.tree")).toEqual({ b: 2 });
  });

  it("holds what is set on it against the same formats", () => {
    const instance = make().convict(server);
    instance.set("server.port", 65_536);
    expect(() => instance.validate({ allowed: "strict" })).toThrow(
      "server.port: must be a port (0 to 65535), got 65536",
    );
  });

  // convict's own message quotes what a custom format refuses, sensitive or not
  it("quotes no secret that it refuses", () => {
    const instance = make().convict(database);
    instance.set("database.url", "hunter2");
    expect(() => instance.validate({ allowed: "strict" })).toThrow(
      /must be a URL .* got \[secret\]$/,
    );
  });

  // convict's own get("constructor.name") is "Object"
  it.each(["__proto__", "constructor.name", "server.toString", "server.port.constructor"])(
    "knows nothing of %s, which every object inherits",
    (path) => {
      const instance = make().convict(server);
      expect(instance.has(path)).toBe(false);
      expect(() => instance.get(path)).toThrow(`there is no setting "${path}"`);
      expect([instance.has("server.port"), instance.get("server.port")]).toEqual([true, 3000]);
    },
  );
});
