import { inspect } from "node:util";

import { defineSection, Secret, tokens, type ConfigSection } from "@infra/interfaces";
import { describe, expect, it, jest } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { ConfigError, ConfigService, type ConfigServiceOptions } from "../src/index.js";
import { workFolder } from "./work-folder.js";

const database = defineSection("database", {
  url: {
    doc: "Where the data is.",
    format: "database-url",
    default: "pglite:./data/db",
    env: "DATABASE_URL",
    sensitive: true,
  },
  poolSize: { doc: "Connections.", format: "integer", default: 10, env: "POOL_SIZE", arg: "pool" },
});
const server = defineSection("server", {
  port: { doc: "Where to listen.", format: "port", default: 3000, env: "PORT", arg: "port" },
  host: { doc: "Where to listen.", format: "string", env: "HOST" },
  timeout: { doc: "How long.", format: "duration", default: "30s", env: "TIMEOUT" },
  trustProxy: { doc: "Proxies.", format: "boolean", default: false, env: "TRUST", arg: "trust" },
});
const auth = defineSection("auth", {
  secret: {
    doc: "Signs tokens.",
    format: "string",
    env: "JWT_SECRET",
    sensitive: true,
    required: true,
  },
});

const make = <Known extends ConfigSection>(
  options: ConfigServiceOptions<Known>,
): ConfigService<Known> =>
  new ConfigService({ cwd: workFolder(), env: {}, argv: [], onWarning: () => {}, ...options });

const mistakesOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (ConfigError.is(error)) return error.message;
    throw error;
  }
  return "";
};

describe("ConfigService", () => {
  it("answers to tokens.config and can be made without arguments", () => {
    expect(ConfigService.provides).toBe(tokens.config);
    expect(new ConfigService().environment).toBe("test");
  });
});

describe("ConfigService layers", () => {
  const files = {
    "config/default.json": '{ "server": { "port": 1, "host": "file" } }',
    "config/production.yaml": "server:\n  port: 2\n",
    ".env": "PORT=3\n",
    ".env.production": "PORT=4\n",
    ".env.local": "PORT=5\n",
    ".env.production.local": "PORT=6\n",
  };
  const port = (names: readonly string[], options: ConfigServiceOptions = {}): number => {
    const chosen = Object.fromEntries(
      Object.entries(files).filter(([name]) => names.includes(name)),
    );
    return make({ cwd: workFolder(chosen), env: { NODE_ENV: "production" }, ...options }).section(
      server,
    ).port;
  };

  it("each outdo the one before", () => {
    const names: string[] = [];
    expect(port(names)).toBe(3000);
    for (const [at, name] of Object.keys(files).entries()) {
      names.push(name);
      expect(port(names)).toBe(at + 1);
    }
    const env = { NODE_ENV: "production", PORT: "7" };
    expect(port(names, { env })).toBe(7);
    const argv = ["--port", "8"];
    expect(port(names, { env, argv })).toBe(8);
    expect(port(names, { env, argv, overrides: { server: { port: 9 } } })).toBe(9);
  });

  it("leave .env.local out of tests, and count an empty variable as not set", () => {
    const cwd = workFolder({ ".env.local": "PORT=5\n", ".env": "PORT=3\n" });
    expect(make({ cwd, env: { NODE_ENV: "test", PORT: "" } }).section(server).port).toBe(3);
    expect(make({ cwd, env: {} }).section(server).port).toBe(5);
  });

  it("take the environment's name from .env where the real one has none", () => {
    const cwd = workFolder({ ".env": "NODE_ENV=production\n", "config/production.json": "{}" });
    expect(make({ cwd }).environment).toBe("production");
    expect(make({ cwd, env: { NODE_ENV: "staging" } }).environment).toBe("staging");
    expect(make({}).environment).toBe("development");
  });

  it("read flags in all their spellings, beside arguments that are none of theirs", () => {
    const trust = (...argv: string[]): boolean => make({ argv }).section(server).trustProxy;
    expect(trust("--trust")).toBe(true);
    expect(trust("--trust", "file.txt")).toBe(true);
    expect(trust("--trust=off")).toBe(false);
    expect(trust("--trust", "--no-trust")).toBe(false);
    expect(make({ argv: ["serve", "-x", "--other", "--port=80"] }).section(server).port).toBe(80);
    expect(mistakesOf(() => make({ argv: ["--port"] }).section(server))).toContain(
      "--port  must be a port (0 to 65535), got true",
    );
  });

  it("ignore a folder called .env", () => {
    expect(make({ cwd: workFolder({ ".env/bin/python": "" }) }).section(server).port).toBe(3000);
  });
});

describe("ConfigService.section()", () => {
  it("gives the same frozen object at each call", () => {
    const config = make({});
    const values = config.section(server);
    expect(values).toEqual({ port: 3000, timeout: 30_000, trustProxy: false });
    expect(config.section(server)).toBe(values);
    expect(Object.isFrozen(values)).toBe(true);
    expectTypeOf(values.port).toEqualTypeOf<number>();
    expectTypeOf(values.host).toEqualTypeOf<string | undefined>();
  });

  it("wraps what is sensitive", () => {
    const { url } = make({ env: { DATABASE_URL: "postgres://a:b@c/d" } }).section(database);
    expect(Secret.reveal(url)).toBe("postgres://a:b@c/d");
    expect(String(url)).toBe("[secret]");
  });

  it("throws every time while there are mistakes", () => {
    const config = make({ env: { PORT: "x" } });
    expect(() => config.section(server)).toThrow(/port/);
    expect(() => config.section(server)).toThrow(/port/);
  });
});

describe("ConfigService.get()", () => {
  it("is typed by the sections it was made with", () => {
    const config = make({ sections: [database, server] });
    expect(config.get("server.port")).toBe(3000);
    expect(config.get("server.host")).toBeUndefined();
    expectTypeOf(config.get("server.port")).toEqualTypeOf<number>();
    expectTypeOf(config.get("server.host")).toEqualTypeOf<string | undefined>();
    expectTypeOf(config.get("database.url")).toEqualTypeOf<Secret>();
    // @ts-expect-error no such setting
    expect(() => config.get("server.prot")).toThrow(/did you mean "server.port"/);
  });

  it("knows nothing of the prototype", () => {
    const config: ConfigService = make({ sections: [server] });
    for (const path of ["__proto__", "constructor.name", "server.__proto__", "server.toString"]) {
      expect(() => config.get(path)).toThrow(RangeError);
      expect(() => config.explain(path)).toThrow(RangeError);
    }
  });
});

describe("ConfigService, what is wrong", () => {
  it("comes all at once, aligned, with the source of each and without a secret", () => {
    const cwd = workFolder({
      ".env": "DATABASE_URL=hunter2-not-a-url\n",
      "config/default.json": '{ "server": { "timeout": "soon" } }',
    });
    const act = (): unknown =>
      make({ cwd, env: { PORT: "80a" }, sections: [database, server, auth] });
    expect(mistakesOf(act)).toBe(
      [
        "4 mistakes in the configuration:",
        "  database.url    DATABASE_URL in .env     must be a URL that begins with postgres:, mysql:, sqlite: or pglite:, got [secret]",
        '  server.port     PORT in the environment  must be a port (0 to 65535), got "80a"',
        '  server.timeout  config/default.json      must be milliseconds or a duration such as "30s", "5m", "2h", got "soon"',
        "  auth.secret     not set                  is required: set JWT_SECRET",
      ].join("\n"),
    );
    expect(act).toThrow(expect.objectContaining({ code: "ERR_CONFIG_INVALID" }));
  });

  it("is what check() returns, and what it leaves unthrown", () => {
    expect(make({}).check([server])).toEqual([]);
    expect(make({ env: { PORT: "x" } }).check([server, auth])).toEqual([
      'server.port  PORT in the environment  must be a port (0 to 65535), got "x"',
      "auth.secret  not set                  is required: set JWT_SECRET",
    ]);
  });

  it("never quotes a secret, even where the section's own check does", () => {
    const section = defineSection("keys", {
      url: {
        doc: "A key.",
        format: "string",
        env: "KEY",
        sensitive: true,
        validate: (value) => `must not be ${value} with ${new URL(value).password}`,
      },
      thrown: {
        doc: "A key.",
        format: "string",
        env: "KEY",
        sensitive: true,
        validate: (value) => {
          throw new Error(`not ${value}`);
        },
      },
    });
    const message = mistakesOf(() => make({ env: { KEY: "x://u:pa%2Fss@h" } }).section(section));
    expect(message).toContain(
      "keys.url     KEY in the environment  must not be [secret] with [secret]",
    );
    expect(message).toContain("keys.thrown  KEY in the environment  is refused: not [secret]");
    expect(message).not.toContain("pa%2Fss");
  });

  it("never quotes a file that can't be parsed", () => {
    const cwd = workFolder({
      "config/default.json": '{\n  "auth": { "secret": "hunter2", }\n}',
      "config/production.yaml": 'auth:\n  secret: "hunter2\n',
    });
    const message = mistakesOf(() => make({ cwd, env: { NODE_ENV: "production" } }));
    expect(message).toContain("is not valid YAML (line");
    expect(message).toContain("is not valid JSON");
    expect(message).not.toContain("hunter2");
  });

  it("is a well-known secret in production, and only there", () => {
    const env = { JWT_SECRET: "your-jwt-secret-key" };
    expect(make({ env }).check([auth])).toEqual([]);
    expect(make({ env: { ...env, NODE_ENV: "production" } }).check([auth])).toEqual([
      "auth.secret  JWT_SECRET in the environment  is a sample value that everybody knows: refused in production",
    ]);
  });

  it("is an override of a setting that does not exist", () => {
    expect(make({ overrides: { server: { prot: 1 } } }).check([server])).toEqual([
      'server.prot  overrides  is not a setting; did you mean "port"?',
    ]);
  });

  it("tells a section's own check whether this is production", () => {
    const validate = jest.fn<(value: string, context: { production: boolean }) => undefined>();
    const section = defineSection("own", {
      a: { doc: "A.", format: "string", env: "A", validate },
    });
    make({ env: { NODE_ENV: "production", A: "x" } }).section(section);
    expect(validate.mock.calls).toEqual([["x", { production: true }]]);
  });
});

describe("ConfigService warnings", () => {
  it("name the nearest key", () => {
    const onWarning = jest.fn();
    const cwd = workFolder({
      "config/default.json":
        '{ "server": { "prot": 1, "zzzzzzzz": 1 }, "databse": {}, "mine": {} }',
    });
    const config = make({ cwd, onWarning, sections: [server, database] });
    expect(onWarning.mock.calls.flat()).toEqual([
      'config/default.json: "server.prot" means nothing; did you mean "port"?',
      'config/default.json: "server.zzzzzzzz" means nothing',
      'config/default.json: no section is called "databse"; did you mean "database"?',
    ]);
    config.check([server]);
    expect(onWarning.mock.calls.flat().slice(3)).toEqual([
      'config/default.json: no section is called "mine"',
    ]);
  });

  it("are given by the process where nobody listens", () => {
    const emitWarning = jest.spyOn(process, "emitWarning").mockReturnValue();
    const cwd = workFolder({ "config/default.json": '{ "server": { "prot": 1 } }' });
    new ConfigService({ cwd, env: {}, argv: [] }).section(server);
    expect(emitWarning.mock.calls).toEqual([
      ['config/default.json: "server.prot" means nothing; did you mean "port"?', "ConfigWarning"],
    ]);
    emitWarning.mockRestore();
  });
});

describe("ConfigService.explain()", () => {
  it("says which layer set a value and which it outdid", () => {
    const cwd = workFolder({ ".env": "PORT=3\n", "config/default.json": '{"server":{"port":1}}' });
    const config = make({ cwd, env: { PORT: "4" }, sections: [server, database] });
    expect(config.explain("server.port")).toEqual({
      path: "server.port",
      doc: "Where to listen.",
      value: "4",
      problem: undefined,
      origin: { layer: "environment", source: "PORT in the environment" },
      outdone: [
        { layer: "dotenv", source: "PORT in .env" },
        { layer: "file", source: "config/default.json" },
        { layer: "default", source: "default" },
      ],
    });
    expect(config.explain("database.url").value).toBe("[secret]");
    expect(config.explain("server.host")).toMatchObject({ value: undefined, origin: undefined });
  });

  it("says what is wrong with a value, and has none where a layer has none after all", () => {
    const env = { PORT: "x", TRUST: "on", TRUST_FILE: "trust", JWT_SECRET_FILE: "no-such-file" };
    const config = make({ env });
    config.check([server, auth]);
    const problem = 'must be a port (0 to 65535), got "x"';
    expect(config.explain("server.port")).toMatchObject({ value: '"x"', problem });
    expect(config.explain("server.trustProxy")).toMatchObject({
      value: undefined,
      problem: "is ambiguous: TRUST_FILE is set as well",
    });
    expect(config.explain("auth.secret")).toMatchObject({
      value: undefined,
      problem: "names no file",
      origin: { source: "JWT_SECRET_FILE in the environment" },
    });
  });
});

describe("ConfigService.explainAll()", () => {
  it("explains every setting that was loaded, each once and without a secret", () => {
    const config = make({ env: { PORT: "4" }, sections: [server] });
    const paths = () => config.explainAll().map(({ path }) => path);
    expect(paths()).toEqual(Object.keys(server.settings).map((key) => `server.${key}`));
    config.section(database);
    // another copy of the package brings a section of the same name
    config.section({ ...server, settings: { ...server.settings } });
    expect(new Set(paths()).size).toBe(paths().length);
    for (const explained of config.explainAll()) {
      expect(explained).toEqual(config.explain(explained.path as "server.port"));
    }
    expect(config.explainAll().find(({ path }) => path === "database.url")?.value).toBe("[secret]");
  });
});

describe("ConfigService.with()", () => {
  it("puts overrides on top of a copy", () => {
    const config = make({ sections: [server], overrides: { server: { host: "a", port: 1 } } });
    const other = config.with({ server: { port: 2 } });
    expect([other.get("server.host"), other.get("server.port")]).toEqual(["a", 2]);
    expect(config.get("server.port")).toBe(1);
  });

  it("keeps the environment as it was when it was read", () => {
    process.env["POOL_SIZE"] = "4";
    const config = new ConfigService({ sections: [database], cwd: workFolder(), argv: [] });
    delete process.env["POOL_SIZE"];
    expect(config.with({}).get("database.poolSize")).toBe(4);
  });
});

describe("ConfigService, printed", () => {
  it("shows no secret", () => {
    const config = make({
      env: { DATABASE_URL: "postgres://a:hunter2@c/d", JWT_SECRET: "hunter2" },
      sections: [database, auth],
    });
    const printed = [
      String(config),
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(config.convict(database).getProperties()),
      String(config.convict(auth)),
    ].join("\n");
    expect(printed).toContain("[secret]");
    expect(printed).not.toContain("hunter2");
    const mail = defineSection("mail", { url: { doc: "", format: "url", env: "MAIL" } });
    const other = make({ env: { MAIL: "smtp://ann:hunter2@mail" }, sections: [mail] });
    expect(inspect(other)).toContain('"smtp://***@mail"');
    expect(JSON.parse(String(config))).toEqual({
      database: { url: "[secret]", poolSize: 10 },
      auth: { secret: "[secret]" },
    });
  });
});
