import { ConfigService } from "@infra/config";
import { DatabaseService } from "@infra/database";
import type { Container } from "@infra/di";
import { tokens, systemClock, type Inject, type Mailer } from "@infra/interfaces";
import { LoggerService } from "@infra/logging";
import { ServerManager } from "@infra/server";
import { StorageService } from "@infra/storage";
import { afterEach, describe, expect, it } from "@jest/globals";

import { createTestApp } from "../src/app.js";
import { MockDatabaseService } from "../src/database.js";
import { MemoryMailer } from "../src/index.js";

class Reminders {
  static readonly inject: Inject<typeof Reminders> = {
    mailer: tokens.mailer,
    clock: tokens.clock,
    logger: tokens.logger,
    ids: tokens.idGenerator,
  };
  readonly #deps;

  constructor(deps: {
    mailer: Mailer;
    clock: import("@infra/interfaces").Clock;
    logger: import("@infra/interfaces").Logger;
    ids: import("@infra/interfaces").IdGenerator;
  }) {
    this.#deps = deps;
  }

  remind(to: string): string {
    const { clock, mailer, logger, ids } = this.#deps;
    clock.setTimeout(() => {
      void mailer.send({ to, subject: "Time to go", text: "" });
      logger.info("reminded", { to });
    }, 3_600_000);
    return ids.next();
  }
}

class SmtpMailer implements Mailer {
  static readonly provides = tokens.mailer;
  static sent = 0;
  async send(): Promise<void> {
    SmtpMailer.sent += 1;
  }
}

/** As an application composes itself. */
const application = (container: Container): void => {
  for (const service of [
    ConfigService,
    LoggerService,
    DatabaseService,
    StorageService,
    ServerManager,
    SmtpMailer,
  ]) {
    container.bind(service).toSelf();
  }
};

afterEach(() => {
  SmtpMailer.sent = 0;
});

describe("createTestApp()", () => {
  it("runs a whole application in memory, its server on a free port, and stops it at the end of the block", async () => {
    let url: string;
    {
      await using app = await createTestApp({
        setup(container) {
          application(container);
          container
            .get(ServerManager)
            .get("/two", () => container.get(DatabaseService).query("select 1 + 1 as two"));
        },
      });
      url = app.container.get(ServerManager).url!;
      expect(await (await fetch(`${url}/two`)).json()).toEqual([{ two: 2 }]);
      await app.container.get(StorageService).storeFile({ key: "k", content: "v" });
      expect(app.lifecycle.state).toBe("ready");
      expect((await app.lifecycle.probe("ready")).status).toBe("up");
    }
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  }, 60_000);

  it("has fakes around it, also where the application binds the real thing, and time that a test moves", async () => {
    await using app = await createTestApp({
      setup: (container) => void container.bind(SmtpMailer).toSelf(),
    });
    const { clock, logger, mailer } = app.fakes;
    expect(app.container.get(Reminders).remind("ada@example.org")).toBe("id-1");
    await clock.advance(3_599_999);
    expect(mailer.mails).toEqual([]);
    await clock.advance(1);
    expect(mailer.mails.map(({ to }) => to)).toEqual(["ada@example.org"]);
    expect(logger.messages("info")).toContain("reminded");
    expect(SmtpMailer.sent).toBe(0);
  });

  it("takes a fake of the test's own, or the real thing, with its type", async () => {
    class LoudMailer extends MemoryMailer {
      readonly loud = true;
    }
    await using app = await createTestApp({
      fakes: { mailer: new LoudMailer(), clock: systemClock },
    });
    expect(app.fakes.mailer.loud).toBe(true);
    expect(app.container.get(tokens.mailer)).toBe(app.fakes.mailer);
    expect(app.container.get(tokens.clock)).toBe(systemClock);
  });

  it("replace has the last word", async () => {
    const database = new MockDatabaseService();
    await using app = await createTestApp({
      setup: (container) => void container.bind(DatabaseService).toSelf(),
      replace: (container) => void container.rebind(DatabaseService).toConstantValue(database),
    });
    expect(app.container.get(DatabaseService)).toBe(database);
    await database.stop();
  }, 60_000);

  it("reads no environment of the process; env and overrides say what is otherwise", async () => {
    process.env["STORAGE_MAX_SIZE"] = "7";
    try {
      await using app = await createTestApp({
        setup: (container) => void container.bind(StorageService).toSelf(),
        env: { STORAGE_ALLOWED_TYPES: "text/plain" },
        overrides: { storage: { maxSize: 3 } },
      });
      const storage = app.container.get(StorageService);
      await expect(storage.storeFile({ key: "k", content: "four" })).rejects.toMatchObject({
        code: "ERR_STORAGE_TOO_LARGE",
      });
      await expect(
        storage.storeFile({ key: "k.html", content: "<p>", contentType: "text/html" }),
      ).rejects.toMatchObject({ code: expect.stringContaining("ERR_STORAGE_") });
    } finally {
      delete process.env["STORAGE_MAX_SIZE"];
    }
  });

  it("starts nothing with start: false", async () => {
    await using app = await createTestApp({ setup: application, start: false });
    expect(app.lifecycle.state).toBe("idle");
    expect(app.container.get(ServerManager).url).toBeUndefined();
  });

  it("rejects with what a service throws while it starts", async () => {
    class Broken {
      static readonly provides = tokens.storage;
      async start(): Promise<void> {
        throw new Error("no disk");
      }
    }
    await expect(
      createTestApp({ setup: (container) => void container.bind(Broken as never).toSelf() }),
    ).rejects.toThrow("no disk");
  });

  it.each(["setup", "replace"])("disposes what was made when %s throws", async (name) => {
    let stopped = 0;
    class Opened {
      static readonly provides = tokens.storage;
      async stop(): Promise<void> {
        stopped += 1;
      }
    }
    const options = {
      [name]: (container: Container) => {
        container.bind(Opened as never).toSelf();
        container.get(Opened);
        throw new Error("not like this");
      },
    };
    await expect(createTestApp(options)).rejects.toThrow("not like this");
    expect(stopped).toBe(1);
  });

  it("stop() is idempotent, and says what did not stop", async () => {
    class Stubborn {
      async start(): Promise<void> {}
      async stop(): Promise<void> {
        throw new Error("I stay");
      }
    }
    const app = await createTestApp({
      setup: (container) => void container.bind(Stubborn).toSelf().inSingletonScope(),
    });
    await expect(app.stop()).rejects.toThrow("Stubborn");
    const other = await createTestApp();
    await other.stop();
    await other.stop();
  });
});
