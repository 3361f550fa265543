import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  defineSection,
  lazy,
  optional,
  section,
  Secret,
  token,
  tokens,
  type Clock,
  type Inject,
  type Logger,
  type SectionValues,
} from "../src/index.js";

const mailConfig = defineSection("mail", {
  host: { doc: "Where to.", format: "string", default: "localhost" },
  timeout: { doc: "How long.", format: "duration", default: "5s" },
  password: { doc: "With what.", format: "string", sensitive: true },
  mode: { doc: "How.", format: "enum", values: ["plain", "tls"], default: "tls" },
});

interface MailOptions {
  readonly host?: string;
  readonly timeout?: number;
  readonly password?: string | Secret;
  readonly mode?: "plain" | "tls";
}

interface MailDependencies {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly other?: () => Other;
}

class Other {
  readonly name = "other";
}

class Mail {
  static readonly inject: Inject<typeof Mail> = {
    options: section(mailConfig),
    clock: tokens.clock,
    logger: optional(tokens.logger),
    other: lazy(() => Other),
  };
  constructor(
    readonly options: MailOptions,
    readonly deps: MailDependencies,
  ) {}
}

class Repository {
  static readonly inject: Inject<typeof Repository> = { clock: tokens.clock };
  constructor(readonly deps: { clock: Clock }) {}
}

describe("Inject", () => {
  it("accepts sections, tokens, classes, optional and lazy entries", () => {
    expect(Mail.inject.clock).toBe(tokens.clock);
    expect(Repository.inject).toEqual({ clock: tokens.clock });
  });

  it("refuses a wrong entry", () => {
    // @ts-expect-error a logger is no clock
    const wrong: Inject<typeof Repository> = { clock: tokens.logger };
    // @ts-expect-error the clock is required
    const missing: Inject<typeof Mail> = { options: section(mailConfig) };
    // @ts-expect-error a required collaborator may not be optional
    const loose: Inject<typeof Repository> = { clock: optional(tokens.clock) };
    const other = defineSection("other", {
      timeout: { doc: "", format: "string", default: "x" },
    });
    const foreign: Inject<typeof Mail> = {
      // @ts-expect-error a section whose values do not fit the options
      options: section(other),
      clock: tokens.clock,
    };
    expect([wrong, missing, loose, foreign]).toHaveLength(4);
  });
});

describe("SectionValues", () => {
  it("are typed by format, default and sensitivity", () => {
    expectTypeOf<SectionValues<(typeof mailConfig)["settings"]>>().toEqualTypeOf<
      {
        readonly host: string;
        readonly timeout: number;
        readonly mode: "plain" | "tls";
      } & { readonly password?: Secret }
    >();
    expect(mailConfig.defaults()).toEqual({ host: "localhost", timeout: 5000, mode: "tls" });
  });
});

describe("defineSection()", () => {
  it("types what a setting's own check is given, and carries the name", () => {
    const limits = defineSection("limits", {
      port: {
        doc: "",
        format: "port",
        validate: (value, { production }) => (production && value < 1024 ? "is low" : undefined),
      },
    });
    expectTypeOf(limits.name).toEqualTypeOf<"limits">();
    expect(limits.settings.port.validate(80, { production: true })).toBe("is low");
  });
});

describe("defineSection(), names", () => {
  it.each(["Mail", "mail-box", "", "toString", "constructor", "valueOf", "__proto__"])(
    "refuses %p",
    (name) => {
      const setting = { doc: "", format: "string" } as const;
      expect(() => defineSection(name, {})).toThrow(
        "defineSection: name must be lower camel case and no name that every object has",
      );
      expect(() => defineSection("mail", Object.fromEntries([[name, setting]]))).toThrow(
        "defineSection: a setting of mail must be",
      );
    },
  );
});

describe("token", () => {
  it("gives equal ids to equal names", () => {
    expect(token<Clock>("clock").id).toBe(tokens.clock.id);
    expect(tokens.clock.id).toBe(Symbol.for("infra.clock"));
  });

  it("refuses an empty name", () => {
    expect(() => token("")).toThrow('name must be a non-empty string, got ""');
  });
});
