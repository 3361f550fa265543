import { once } from "node:events";
import { connect } from "node:net";

import { describe, expect, it } from "@jest/globals";

import { startRedis, testRedis } from "../src/index.js";

const redis = testRedis(process.env);
const present = redis.missing === undefined ? describe : describe.skip;

/** Sends one command and resolves with the first answer. */
async function ask(url: string, command: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString().trim();
  } finally {
    socket.destroy();
  }
}

present(`startRedis with ${redis.title}`, () => {
  it("answers commands, keeps nothing on disk, and is gone after stop()", async () => {
    const server = await startRedis();
    expect(await ask(server.url, "PING")).toBe("+PONG");
    expect(await ask(server.url, "CONFIG GET save")).toMatch(/\$0$/);
    await server.stop();
    await server.stop();
    await expect(ask(server.url, "PING")).rejects.toThrow("ECONNREFUSED");
  }, 30_000);

  it("takes settings", async () => {
    await using server = await startRedis({ settings: { maxmemory: "32mb" } });
    expect(await ask(server.url, "CONFIG GET maxmemory")).toContain("33554432");
  }, 30_000);

  it("can be killed, and started again where it was, empty", async () => {
    await using server = await startRedis();
    await ask(server.url, "SET key value");
    await server.kill();
    await expect(ask(server.url, "PING")).rejects.toThrow("ECONNREFUSED");
    await server.restart();
    expect(await ask(server.url, "EXISTS key")).toBe(":0");
  }, 30_000);

  it("can be frozen, when it takes connections and answers nothing, and thawed", async () => {
    await using server = await startRedis();
    server.freeze();
    let answered = false;
    const answer = ask(server.url, "PING").finally(() => (answered = true));
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    expect(answered).toBe(false);
    server.thaw();
    expect(await answer).toBe("+PONG");
  }, 30_000);

  it("stop() ends one that is frozen", async () => {
    const server = await startRedis();
    server.freeze();
    await server.stop();
    await expect(ask(server.url, "PING")).rejects.toThrow("ECONNREFUSED");
  }, 30_000);

  it("says what the server wrote when a setting is wrong", async () => {
    await expect(startRedis({ settings: { appendonly: "maybe" } })).rejects.toThrow(/yes.*no/);
  }, 30_000);
});

describe("startRedis", () => {
  it("gives up when its signal is aborted", async () => {
    const reason = new Error("enough");
    await expect(
      startRedis({ program: "/bin/true", signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it("names a program that does not exist", async () => {
    await expect(startRedis({ program: "/nowhere/redis-server" })).rejects.toThrow(
      "/nowhere/redis-server",
    );
  });
});
