import { generateKeyPairSync } from "node:crypto";

import { Secret } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { KeyRing, Webhooks } from "../src/index.js";

const body = '{"test": 2432232314}';
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function webhooks(clock = new ManualClock(), keys: unknown = secret): Webhooks {
  return new Webhooks({ keys: keys as string }, { clock });
}

describe("Webhooks", () => {
  it("signs as the specification of Standard Webhooks does", () => {
    const clock = new ManualClock();
    clock.set(1_614_265_330_000);
    expect(webhooks(clock).sign(body, { id: "msg_p5jXN8AQM9LWM0D4loKWxJek" })).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("verifies what it signed: text or bytes, headers of Node.js or of fetch", async () => {
    const clock = new ManualClock();
    const hooks = webhooks(clock);
    const headers = hooks.sign(body, { id: "a" });
    expect(await hooks.verify(Buffer.from(body), { ...headers, host: "x" })).toEqual({
      id: "a",
      sentAtMs: clock.now(),
    });
    await hooks.verify(body, new Headers({ ...hooks.sign(body) }));
  });

  it("takes a webhook once, until it is told to forget it", async () => {
    const hooks = webhooks();
    const headers = hooks.sign(body, { id: "a" });
    await hooks.verify(body, headers);
    const replay = { code: "ERR_SECURITY_WEBHOOK", status: 401, details: { reason: "replay" } };
    await expect(hooks.verify(body, headers)).rejects.toMatchObject(replay);
    await expect(hooks.verify(body, hooks.sign(body, { id: "a" }))).rejects.toMatchObject(replay);
    await hooks.forget("a");
    await hooks.verify(body, headers);
    // of many at once, one
    const many = hooks.sign(body, { id: "b" });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => hooks.verify(body, many)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("remembers for as long as the time stamp would be taken", async () => {
    const clock = new ManualClock();
    const hooks = webhooks(clock);
    const early = clock.now();
    clock.set(clock.now() + 299_000);
    const headers = hooks.sign(body, { id: "a" });
    clock.set(early);
    await hooks.verify(body, headers);
    clock.set(clock.now() + 598_000);
    await expect(hooks.verify(body, headers)).rejects.toMatchObject({
      details: { reason: "replay" },
    });
  });

  it.each([-301_000, 301_000])("refuses one that is %i ms off", async (off) => {
    const clock = new ManualClock();
    const hooks = webhooks(clock);
    const headers = hooks.sign(body);
    clock.set(clock.now() + off);
    await expect(hooks.verify(body, headers)).rejects.toMatchObject({
      details: { reason: "timestamp" },
    });
  });

  it("a forged one neither uses up an id nor learns whether it is known", async () => {
    const hooks = webhooks();
    const headers = hooks.sign(body, { id: "a" });
    const forged = { ...headers, "webhook-signature": "v1,AAAA" };
    await expect(hooks.verify(body, forged)).rejects.toMatchObject({
      details: { reason: "signature" },
    });
    await hooks.verify(body, headers);
    await expect(hooks.verify(body, forged)).rejects.toMatchObject({
      details: { reason: "signature" },
    });
  });

  it("refuses another body, id or time, and headers that are missing, double or strange", async () => {
    const hooks = webhooks();
    const headers = hooks.sign(body);
    const reasonOf = async (sent: string, changed: object) => {
      const verified: unknown = await hooks
        .verify(sent, { ...headers, ...changed })
        .catch((error: { details: { reason: string } }) => error.details.reason);
      return verified;
    };
    expect(await reasonOf(`${body} `, {})).toBe("signature");
    expect(await reasonOf(body, { "webhook-id": "b" })).toBe("signature");
    expect(await reasonOf(body, { "webhook-timestamp": "1" })).toBe("signature");
    expect(await reasonOf(body, { "webhook-signature": "v1," })).toBe("signature");
    expect(await reasonOf(body, { "webhook-signature": "" })).toBe("headers");
    expect(await reasonOf(body, { "webhook-id": undefined })).toBe("headers");
    expect(await reasonOf(body, { "webhook-id": ["a", "b"] })).toBe("headers");
    expect(await reasonOf(body, { "webhook-timestamp": "1e9" })).toBe("headers");
    expect(
      await reasonOf(body, {
        "webhook-signature": `${"v1,x ".repeat(10)}${headers["webhook-signature"]}`,
      }),
    ).toBe("signature");
  });

  it("signs with both keys while they change, and verifies with either", async () => {
    const [older, newer] = [webhooks(), webhooks(undefined, `whsec_${"b".repeat(44)}`)];
    const both = webhooks(undefined, [new Secret(`whsec_${"b".repeat(44)}`), secret]);
    const headers = both.sign(body);
    expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    await older.verify(body, headers);
    await newer.verify(body, headers);
    await both.verify(body, newer.sign(body));
  });

  it("signs with Ed25519, so that the receiver can't", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const sender = webhooks(undefined, new KeyRing({ privateKey }));
    const receiver = webhooks(undefined, new KeyRing({ publicKey }));
    const headers = sender.sign(body);
    expect(headers["webhook-signature"]).toMatch(/^v1a,/);
    await receiver.verify(body, headers);
    await expect(receiver.verify(`${body} `, sender.sign(body))).rejects.toMatchObject({
      details: { reason: "signature" },
    });
    expect(() => receiver.sign(body)).toThrow("no key of type");
  });

  it.each(["whsec_", "whsec_*", "whsec_AAAA"])("refuses the secret %s", (text) => {
    expect(() => webhooks(undefined, text)).toThrow(/secret must/);
  });
});
