import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ServerManager } from "@infra/server";

import { createDemo, type Demo } from "../../src/demo.js";
import { Visitor } from "./visitor.js";

/** The app on engines of its own, for a suite. */
export class AlbumApp {
  readonly folder = mkdtempSync(join(tmpdir(), "infra-demo-"));
  readonly #env: Readonly<Record<string, string>>;
  #demo: Demo | undefined;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  get demo(): Demo {
    return this.#demo!;
  }

  get url(): string {
    return this.demo.container.get(ServerManager).url!;
  }

  async start(): Promise<void> {
    this.#demo = createDemo({
      config: {
        cwd: this.folder,
        env: {
          NODE_ENV: "test",
          PORT: "0",
          LOG_LEVEL: "fatal",
          ENCRYPTION_KEY: "a key for tests",
          REQUESTS_PER_MINUTE: "1000000",
          DATABASE_URL: `pglite:${join(this.folder, "db")}`,
          STORAGE_URL: `file:${join(this.folder, "files")}`,
          ...this.#env,
        },
        argv: [],
      },
      lifecycle: { exit: false, print: () => {} },
    });
    await this.#demo.lifecycle.startup();
  }

  async stop(): Promise<void> {
    await this.#demo?.lifecycle.shutdown("the test is over");
    this.#demo = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Somebody who has not logged in. */
  visitor(): Visitor {
    return new Visitor(() => this.url);
  }

  /** Somebody with an account. */
  async person(name: string): Promise<Visitor> {
    const visitor = this.visitor();
    const [email, password] = [`${name}-${Date.now()}@example.org`, `mole quartz fjord ${name}`];
    await visitor.post("/api/accounts", { email, password, name });
    return Object.assign(visitor, { email, password });
  }
}
