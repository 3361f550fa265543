import { defineSection, type ConfigSection, type Setting } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { ConfigService } from "../src/index.js";
import { workFolder } from "./work-folder.js";

const section = defineSection("app", {
  key: { doc: "A key.", format: "string", env: "KEY", sensitive: true },
  name: { doc: "A name.", format: "string", env: "NAME" },
  port: { doc: "A port.", format: "port", env: "APP_PORT" },
  tree: { doc: "Anything.", format: "json", default: { a: 1 }, env: "TREE" },
});

const make = (files: Record<string, string>, env: Record<string, string> = {}): ConfigService =>
  new ConfigService({ cwd: workFolder(files), env, argv: [], onWarning: () => {} });

describe("<NAME>_FILE", () => {
  it("reads the value from a file, without its last line break", () => {
    const config = make({ secret: "s3cret\n" }, { NAME_FILE: "secret" });
    expect(config.section(section).name).toBe("s3cret");
    expect(config.section(section)).toBeDefined();
    expect(make({ secret: "x", ".env": "NAME_FILE=secret\n" }).section(section).name).toBe("x");
  });

  it("is a mistake when there is no such file, or the variable is set as well", () => {
    expect(make({}, { KEY_FILE: "none" }).check([section])).toEqual([
      "app.key  KEY_FILE in the environment  names no file",
    ]);
    expect(make({ a: "1" }, { KEY_FILE: "a", KEY: "b" }).check([section])).toEqual([
      "app.key  KEY in the environment  is ambiguous: KEY_FILE is set as well",
    ]);
  });

  it("stands back where a setting has that very name", () => {
    const own = defineSection("own", {
      log: { doc: "A log.", format: "string", env: "LOG" },
      file: { doc: "A file.", format: "string", env: "LOG_FILE" },
    });
    expect(make({}, { LOG_FILE: "app.log" }).section(own)).toEqual({ file: "app.log" });
  });
});

describe("${NAME}", () => {
  it("is replaced in .env files and configuration files", () => {
    const config = make(
      {
        ".env": "NAME=${USER_NAME}-${SUFFIX:-dev}\nUSER_NAME=${REAL}\n",
        "config/default.yaml": "app:\n  port: ${P}\n  tree:\n    - name: x${P}\n",
      },
      { REAL: "ann", P: "8080" },
    );
    expect(config.section(section)).toEqual({
      name: "ann-dev",
      port: 8080,
      tree: [{ name: "x8080" }],
    });
  });

  it("is left alone in the environment, when escaped, and without braces", () => {
    expect(make({}, { NAME: "${NOT}" }).section(section).name).toBe("${NOT}");
    expect(make({ ".env": "NAME='\\${NOT} $5'\n" }).section(section).name).toBe("${NOT} $5");
  });

  it("is a mistake when it stands for nothing or for itself", () => {
    expect(make({ ".env": "KEY=${NONE}\nNAME=${A}\nA=${NAME}\n" }).check([section])).toEqual([
      "app.key   KEY in .env   refers to ${NONE}, which is not set",
      "app.name  NAME in .env  refers to itself: A > NAME > A",
    ]);
  });
});

describe("configuration files", () => {
  it("replace an object as a whole", () => {
    const config = make({ "config/default.json": '{ "app": { "tree": { "b": { "c": 2 } } } }' });
    expect(config.section(section).tree).toEqual({ b: { c: 2 } });
  });

  it("are frozen to the bottom, and an override is left to its owner", () => {
    const tree = { b: [{ c: 2 }] };
    const config = new ConfigService({
      cwd: workFolder(),
      env: {},
      argv: [],
      overrides: { app: { tree } },
    });
    const copy = config.section(section).tree as typeof tree;
    expect(copy).toEqual(tree);
    expect(Object.isFrozen(copy.b[0])).toBe(true);
    expect(Object.isFrozen(tree)).toBe(false);
  });

  it("take a string for JSON as it is", () => {
    const config = make({ "config/default.json": '{ "app": { "tree": "text" } }' });
    expect(config.section(section).tree).toBe("text");
    expect(make({}, { TREE: '{"z":1}' }).section(section).tree).toEqual({ z: 1 });
  });

  it("can't reach a prototype", () => {
    const config = make({
      "config/default.json":
        '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } }, "app": { "__proto__": { "polluted": 1 }, "name": null } }',
    });
    const values = config.section(section) as Record<string, unknown>;
    expect(values["polluted"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(values["name"]).toBeUndefined();
  });

  it("do not answer with what every object inherits", () => {
    // defineSection refuses such names; a section made by hand or by an older copy may have them
    const toString: Setting = { doc: "A name.", format: "string", default: "x" };
    const own: ConfigSection = { name: "own", settings: { toString }, defaults: () => ({}) };
    expect(make({ "config/default.json": '{ "own": {} }' }).section(own)).toEqual({
      toString: "x",
    });
    // convict would have written onto Object.prototype.valueOf
    const inherited: ConfigSection = { ...own, name: "valueOf" };
    expect(make({}).section(inherited)).toEqual({ toString: "x" });
    expect(() => make({}).convict(inherited)).toThrow(/"valueOf" is none for convict/);
    expect(Object.hasOwn(Reflect.get(Object.prototype, "valueOf") as object, "toString")).toBe(
      false,
    );
  });

  it("must hold sections, and these settings", () => {
    expect(() => make({ "config/default.json": "[1]" })).toThrow(/must hold sections/);
    expect(make({ "config/default.yaml": "" }).check([section])).toEqual([]);
  });
});
