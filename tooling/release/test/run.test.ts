import { tmpdir } from "node:os";

import { describe, expect, it } from "@jest/globals";

import { cleanEnvironment, inParallel, run, step } from "../run.mjs";

const { signal } = new AbortController();
const node = (program: string, options: object = {}) =>
  run(process.execPath, ["-e", program], { cwd: tmpdir(), signal, ...options });

describe("cleanEnvironment()", () => {
  it("keeps where things are and how the network is reached", () => {
    const kept = { PATH: "/bin", HOME: "/h", https_proxy: "p", npm_config_registry: "r" };
    expect(cleanEnvironment(kept)).toEqual(kept);
  });

  it("drops what would change what is rehearsed", () => {
    const dropped = {
      NODE_PATH: "x",
      NODE_OPTIONS: "x",
      NODE_ENV: "production",
      DATABASE_URL: "x",
      npm_config_local_prefix: "x",
      npm_package_name: "x",
    };
    expect(cleanEnvironment(dropped)).toEqual({});
  });
});

describe("run()", () => {
  it("resolves to what was printed", async () => {
    const result = await node('console.log("out"); console.error("err")');
    expect(result).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("rejects with the program's last lines when it fails", async () => {
    await expect(node('console.error("why"); process.exit(3)')).rejects.toThrow(
      /ended with 3\nwhy$/,
    );
  });

  it("rejects when there is no such program", async () => {
    await expect(run("no-such-program", [], { cwd: tmpdir(), signal })).rejects.toThrow("ENOENT");
  });

  it("ends a program that takes too long", async () => {
    await expect(node("setInterval(() => {}, 1000)", { timeoutMs: 200 })).rejects.toThrow(
      "did not end within 0.2 s",
    );
  });

  it("ends a program when its signal aborts, and starts none afterwards", async () => {
    const stopped = new AbortController();
    const running = node("setInterval(() => {}, 1000)", { signal: stopped.signal });
    stopped.abort(new Error("stopped by SIGINT"));
    await expect(running).rejects.toThrow("stopped by SIGINT");
    await expect(node("", { signal: stopped.signal })).rejects.toThrow("stopped by SIGINT");
  });

  it("resolves with an exit code that is accepted", async () => {
    const { code } = await node("process.exit(2)", { accept: [0, 2] });
    expect(code).toBe(2);
  });

  it("ends what the program left running, which would hold its output open", async () => {
    const left = `require("node:child_process")
      .spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })
      .unref();`;
    await expect(node(left)).resolves.toMatchObject({ code: 0 });
  });
});

describe("inParallel()", () => {
  it("keeps the order of the results and never runs more than the width", async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([3, 1, 2], 2, async (item: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([30, 10, 20]);
    expect(most).toBe(2);
  });
});

describe("step()", () => {
  it("says in front of an error where it happened", async () => {
    const cause = new Error("no space");
    const failing = step("build", () => Promise.reject(cause));
    await expect(failing).rejects.toMatchObject({ message: "build: no space", cause });
  });
});
