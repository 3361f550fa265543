import { parseEnv } from "node:util";

import { defineSection } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { configSchema, envExample, settingsTable } from "../src/index.js";

const server = defineSection("server", {
  port: { doc: "Where to listen.", format: "port", default: 3000, env: "PORT", arg: "port" },
  mode: { doc: "How.", format: "enum", values: ["a", "b"], default: "a", env: "MODE" },
  greeting: { doc: "What to\n say.", format: "string", default: "hello there", env: "GREETING" },
  inner: { doc: "Only in files.", format: "json", default: { a: 1 } },
});
const auth = defineSection("auth", {
  secret: { doc: "Signs.", format: "string", env: "JWT_SECRET", sensitive: true, required: true },
  pepper: { doc: "Salts.", format: "string", env: "PEPPER", sensitive: true, default: "hunter2" },
});

describe("envExample()", () => {
  it("has every variable, and uncommented what has to be set", () => {
    expect(envExample([server, auth])).toBe(`## server

# Where to listen. (port)
# PORT=3000

# How. (a | b)
# MODE=a

# What to say. (string)
# GREETING='hello there'

## auth

# Signs. (string, secret)
JWT_SECRET=

# Salts. (string, secret)
# PEPPER=
`);
  });

  it("says the defaults when its comments are taken away", () => {
    const text = envExample([server]).replaceAll(/^# (?=[A-Z_]+=)/gm, "");
    expect(parseEnv(text)).toEqual({ PORT: "3000", MODE: "a", GREETING: "hello there" });
  });
});

describe("settingsTable()", () => {
  it("has a row for every setting, without a secret's default", () => {
    expect(settingsTable([server, auth])).toBe(
      [
        "| setting | variable | flag | format | default | meaning |",
        "| --- | --- | --- | --- | --- | --- |",
        "| `server.port` | `PORT` | `--port` | port | `3000` | Where to listen. |",
        String.raw`| ${"`server.mode`"} | ${"`MODE`"} |  | a \| b | ${"`a`"} | How. |`,
        "| `server.greeting` | `GREETING` |  | string | `hello there` | What to say. |",
        '| `server.inner` |  |  | json | `{"a":1}` | Only in files. |',
        "| `auth.secret` | `JWT_SECRET` |  | string | required | Signs. |",
        "| `auth.pepper` | `PEPPER` |  | string |  | Salts. |",
      ].join("\n"),
    );
  });
});

describe("configSchema()", () => {
  it("describes the files, without a secret's default", () => {
    const schema = configSchema([server, auth]);
    expect(schema).toMatchObject({
      type: "object",
      properties: {
        server: {
          additionalProperties: false,
          properties: {
            port: {
              type: "integer",
              minimum: 0,
              maximum: 65_535,
              default: 3000,
              description: "Where to listen.",
            },
            mode: { enum: ["a", "b"] },
          },
        },
      },
    });
    expect(JSON.stringify(schema)).not.toContain("hunter2");
  });
});
