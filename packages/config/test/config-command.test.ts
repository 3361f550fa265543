import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, describe, expect, it } from "@jest/globals";

import { runConfigCommand } from "../src/config-command.js";
import { workFolder } from "./work-folder.js";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const moduleText = `
const defaults = () => ({});
const port = { doc: "Where to listen.", format: "port", default: 3000, env: "PORT", arg: "port" };
const key = { doc: "Signs.", format: "string", env: "KEY", sensitive: true, required: true };
export const server = { name: "server", settings: { port, key }, defaults };
export const again = server;
export const nothing = null;
const url = { doc: "Where.", format: "url", default: "smtp://localhost", env: "MAIL" };
export const sections = [{ name: "mail", settings: { url }, defaults }];
`;

async function run(
  argv: readonly string[],
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number; out: string; err: string }> {
  const cwd = workFolder({
    "sections.mjs": moduleText,
    "node_modules/some-sections/package.json": '{ "name": "some-sections", "main": "index.mjs" }',
    "node_modules/some-sections/index.mjs": moduleText,
    ...files,
  });
  let out = "";
  let err = "";
  const exitCode = await runConfigCommand(argv, {
    cwd,
    env,
    out: (more) => void (out += more),
    err: (more) => void (err += more),
  });
  return { exitCode, out, err };
}

describe("infra-config check", () => {
  it.each(["sections.mjs", "./sections.mjs", "some-sections"])(
    "is content with %s when nothing is wrong",
    async (module) => {
      expect(await run(["check", module], {}, { KEY: "k" })).toEqual({
        exitCode: 0,
        out: "3 settings in 2 sections: nothing wrong\n",
        err: "",
      });
    },
  );

  it("lists all that is wrong, aligned, with the layer of each, and exits with 1", async () => {
    const files = {
      ".env": "KEY=\nMAIL=no-url\n",
      "config/default.json": '{ "server": { "prot": 1 } }',
      "config/production.yaml": "server: [",
    };
    const { exitCode, out } = await run(
      ["check", "sections.mjs", "--env", "production", "--", "--port", "80a"],
      files,
    );
    expect(out).toBe(
      [
        "3 settings in 2 sections: 4 mistakes",
        "  config/production.yaml  config/production.yaml  is not valid YAML (line 1, BAD_INDENT)",
        '  server.port             --port                  must be a port (0 to 65535), got "80a"',
        "  server.key              not set                 is required: set KEY",
        '  mail.url                MAIL in .env            must be an absolute URL, got "no-url"',
        'warning: config/default.json: "server.prot" means nothing; did you mean "port"?',
        "",
      ].join("\n"),
    );
    expect(exitCode).toBe(1);
  });

  it("says the same as JSON", async () => {
    const { exitCode, out } = await run(["check", "sections.mjs", "--json"]);
    expect(JSON.parse(out)).toEqual({
      mistakes: [{ path: "server.key", problem: "is required: set KEY" }],
      warnings: [],
    });
    expect(exitCode).toBe(1);
  });
});

describe("infra-config explain", () => {
  const files = { ".env": "PORT=4\nKEY=hunter2\n" };

  it("has every setting with its layers, and no secret", async () => {
    const { exitCode, out } = await run(["explain", "sections.mjs"], files, { PORT: "x" });
    expect(out).toBe(
      [
        'server.port  "x"                 PORT in the environment  over PORT in .env, default; must be a port (0 to 65535), got "x"',
        "server.key   [secret]            KEY in .env",
        'mail.url     "smtp://localhost"  default',
        "",
      ].join("\n"),
    );
    expect(exitCode).toBe(0);
  });

  it("says what is not set, and why that is wrong", async () => {
    const { out } = await run(["explain", "sections.mjs", "--setting", "server.key"]);
    expect(out).toBe("server.key  not set    is required: set KEY\n");
  });

  it("can be asked for some of them, and for JSON", async () => {
    const argv = ["explain", "sections.mjs", "--setting", "server.port", "--json"];
    expect(JSON.parse((await run(argv, files)).out)).toEqual([
      {
        path: "server.port",
        doc: "Where to listen.",
        value: "4",
        origin: { layer: "dotenv", source: "PORT in .env" },
        outdone: [{ layer: "default", source: "default" }],
      },
    ]);
    const { exitCode, err } = await run(["explain", "sections.mjs", "--setting", "server.prot"]);
    expect([exitCode, err]).toEqual([
      2,
      expect.stringContaining('"server.prot"; did you mean "server.port"?'),
    ]);
  });

  it("exits with 1 when a file can't be read", async () => {
    const { exitCode, err } = await run(["explain", "sections.mjs"], {
      "config/default.json": "{",
    });
    expect([exitCode, err]).toEqual([1, expect.stringContaining("is not valid JSON")]);
  });
});

describe("infra-config env-example and docs", () => {
  it("write what the program's functions of that name write", async () => {
    expect((await run(["env-example", "sections.mjs"])).out).toContain("\nKEY=\n");
    expect((await run(["docs", "sections.mjs"])).out).toContain("| `server.port` | `PORT` |");
    expect(JSON.parse((await run(["docs", "sections.mjs", "--json"])).out)).toMatchObject({
      properties: { server: { properties: { port: { maximum: 65_535 } } } },
    });
  });
});

describe("infra-config", () => {
  it("reads from another folder when told to", async () => {
    const there = workFolder({ "sections.mjs": moduleText, ".env": "KEY=k\n" });
    expect(await run(["check", "sections.mjs", "--cwd", there])).toMatchObject({ exitCode: 0 });
  });

  it.each([
    [[], "infra-config <command>"],
    [["check"], "infra-config <command>"],
    [["constructor", "sections.mjs"], "infra-config <command>"],
    [["check", "sections.mjs", "--nonsense"], "Unknown option '--nonsense'"],
    [["check", "./none.mjs"], "can't load ./none.mjs"],
    [["check", "no-such-package"], "can't load no-such-package"],
    [["check", "empty.mjs"], "empty.mjs exports no section"],
  ])("exits with 2 on %j", async (argv, message) => {
    const { exitCode, err, out } = await run(argv, { "empty.mjs": "export const a = {};" });
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("explains itself", async () => {
    expect(await run(["--help"])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining("env-example"),
    });
  });

  it("has the project's own loader teach Node.js TypeScript", async () => {
    const core = "node_modules/@oxc-node/core";
    const files = {
      [`${core}/package.json`]: '{ "name": "@oxc-node/core", "main": "index.js" }',
      [`${core}/index.js`]: "",
      [`${core}/register.mjs`]: "globalThis.taughtTypeScript = true;",
      "sections.ts": moduleText,
    };
    expect(await run(["docs", "sections.ts"], files)).toMatchObject({ exitCode: 0 });
    expect(Reflect.get(globalThis, "taughtTypeScript")).toBe(true);
  });

  it("is a program, and reads TypeScript", async () => {
    const child = spawn(
      process.execPath,
      [...sourceFlags, "src/cli.ts", "check", "test/programs/sections.ts"],
      {
        cwd: fileURLToPath(new URL("..", import.meta.url)),
        env: { PATH: process.env["PATH"], PORT: "80a" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    children.push(child);
    const [out, [exitCode]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect(out).toBe(
      [
        "2 settings in 1 section: 1 mistake",
        '  server.port  PORT in the environment  must be a port (0 to 65535), got "80a"',
        "",
      ].join("\n"),
    );
    expect(exitCode).toBe(1);
  }, 30_000);
});
