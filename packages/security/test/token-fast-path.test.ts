import { createHmac } from "node:crypto";

import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { jwtVerify } from "jose";

import { KeyRing, TokenService } from "../src/index.js";
import { encode, forge, reasonOf, secret, service } from "./tokens.js";

const clock = new ManualClock();
const nowS = clock.now() / 1000;
const header = { alg: "HS256", kid: "one", typ: "JWT" };
const times = `"iat":${nowS},"exp":${nowS + 60}`;
const claims = `{"iss":"shop","aud":"web",${times}}`;

/** The parts as they stand, signed for right. */
function signed(head: string, payload: string): string {
  const input = `${head}.${payload}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

/** What jose alone says, with the same demands. */
async function byJose(token: string): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      issuer: "shop",
      audience: "web",
      typ: "JWT",
      requiredClaims: ["exp", "iat"],
      clockTolerance: 5,
      currentDate: new Date(clock.now()),
      algorithms: ["HS256"],
    });
    return { passed: payload };
  } catch {
    return "refused";
  }
}

/** What is said of a token by who has seen its header before, and so does without jose. */
async function byWhoKnows(token: string): Promise<unknown> {
  const tokens = service(clock);
  const [head] = token.split(".");
  await reasonOf(tokens.verify(signed(head!, encode(claims))));
  const outcome = await reasonOf(tokens.verify(token));
  // whoever sees it for the first time says the same
  expect(await reasonOf(service(clock).verify(token))).toEqual(outcome);
  return typeof outcome === "string" ? "refused" : outcome;
}

const payloads: Readonly<Record<string, string>> = {
  "an issuer twice, the right one last": `{"iss":"other","iss":"shop","aud":"web",${times}}`,
  "an issuer twice, the right one first": `{"iss":"shop","iss":"other","aud":"web",${times}}`,
  "an expiry twice, the later one last": `{"iss":"shop","aud":"web","exp":1,${times}}`,
  "an expiry twice, the later one first": `{"iss":"shop","aud":"web",${times},"exp":1}`,
  "an expiry as text": `{"iss":"shop","aud":"web","iat":${nowS},"exp":"${nowS + 60}"}`,
  "an expiry beyond all numbers": `{"iss":"shop","aud":"web","iat":${nowS},"exp":1e999}`,
  "an expiry that is a list": `{"iss":"shop","aud":"web","iat":${nowS},"exp":[${nowS + 60}]}`,
  "an expiry a fraction above what is tolerated": `{"iss":"shop","aud":"web","iat":${nowS},"exp":${nowS - 4.5}}`,
  "an expiry at what is tolerated": `{"iss":"shop","aud":"web","iat":${nowS},"exp":${nowS - 5}}`,
  "a not-before at what is tolerated": `{"iss":"shop","aud":"web",${times},"nbf":${nowS + 5}}`,
  "a not-before a fraction above it": `{"iss":"shop","aud":"web",${times},"nbf":${nowS + 5.5}}`,
  "a not-before as text": `{"iss":"shop","aud":"web",${times},"nbf":"0"}`,
  "a time of issue that is none": `{"iss":"shop","aud":"web","iat":null,"exp":${nowS + 60}}`,
  "claims in the prototype": `{"__proto__":{"iss":"shop","aud":"web"},${times}}`,
  "an audience in a list of a list": `{"iss":"shop","aud":[["web"]],${times}}`,
  "an audience as an object": `{"iss":"shop","aud":{"0":"web","length":1},${times}}`,
  "an audience among others": `{"iss":"shop","aud":["other","web"],${times}}`,
  "an issuer in a list": `{"iss":["shop"],"aud":"web",${times}}`,
  "spaces and lines around": `\n\t ${claims} \r\n`,
  "a byte order mark": `\u{feff}${claims}`,
  "NUL behind it": `${claims}\0`,
  "two objects": `${claims}${claims}`,
  "a list": `[${claims}]`,
  "a text that says so": JSON.stringify(claims),
};

const heads: Readonly<Record<string, string>> = {
  "spaces in the header": `{ "alg" : "HS256", "kid":"one",\n"typ":"JWT" }`,
  "an algorithm twice, none first": `{"alg":"none","alg":"HS256","kid":"one","typ":"JWT"}`,
  "an algorithm twice, none last": `{"alg":"HS256","alg":"none","kid":"one","typ":"JWT"}`,
  "a key twice": `{"alg":"HS256","kid":"other","kid":"one","typ":"JWT"}`,
  "the type in small letters": `{"alg":"HS256","kid":"one","typ":"jwt"}`,
  "the type in full": `{"alg":"HS256","kid":"one","typ":"application/jwt"}`,
  "a member that nobody knows": `{"alg":"HS256","kid":"one","typ":"JWT","x":1}`,
  "b64 without crit": `{"alg":"HS256","kid":"one","typ":"JWT","b64":false}`,
  "members in the prototype": `{"__proto__":{"alg":"HS256","kid":"one","typ":"JWT"}}`,
};

describe("the quick way to check a token", () => {
  it.each(Object.entries(payloads))("says what jose says: %s", async (_title, payload) => {
    const token = signed(encode(header), encode(payload));
    expect(await byWhoKnows(token)).toEqual(await byJose(token));
  });

  it.each(Object.entries(heads))("takes nothing that jose refuses: %s", async (_title, head) => {
    const token = signed(encode(head), encode(claims));
    // a header that asks for anything else may be refused here alone
    expect(["refused", await byJose(token)]).toContainEqual(await byWhoKnows(token));
  });

  it.each([
    [
      "a padded payload",
      encode(header),
      `${encode(claims)}${"=".repeat((4 - (encode(claims).length % 4)) % 4)}`,
    ],
    ["a payload in the other alphabet", encode(header), Buffer.from(claims).toString("base64")],
    ["a line in the payload", encode(header), encode(claims).replace(/^(.{8})/, "$1\n")],
    ["a padded header", `${encode(header)}=`, encode(claims)],
    ["a dot too many", encode(header), `${encode(claims)}.`],
    ["no payload", encode(header), ""],
  ])("takes nothing that jose refuses: %s", async (_title, head, payload) => {
    const token = signed(head, payload);
    expect(["refused", await byJose(token)]).toContainEqual(await byWhoKnows(token));
  });

  it("refuses a right signature that is written in another way", async () => {
    const tokens = service(clock);
    const token = forge(header, JSON.parse(claims) as object);
    await tokens.verify(token);
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const same = Buffer.from(token.split(".")[2]!, "base64url");
    const others = Array.from(last)
      .map((each) => token.slice(0, -1) + each)
      .filter(
        (each) => each !== token && Buffer.from(each.split(".")[2]!, "base64url").equals(same),
      );
    // the last of 43 characters has two bits that say nothing
    expect(others).toHaveLength(3);
    for (const each of [...others, `${token}=`]) {
      expect(await reasonOf(tokens.verify(each))).not.toHaveProperty("passed");
    }
  });

  it("asks the ring each time: a key that is out, replaced or past its time makes nothing pass", async () => {
    const time = new ManualClock();
    const keys = new KeyRing({ id: "one", secret }, { clock: time });
    const tokens = new TokenService({ keys, issuer: "shop", audience: "web" }, { clock: time });
    const token = await tokens.sign({}, { expiresIn: "1h" });
    const knows = async () => reasonOf(tokens.verify(token));
    expect(await knows()).toHaveProperty("passed");
    expect(await knows()).toHaveProperty("passed");
    keys.remove("one");
    expect(await knows()).toBe("key");
    keys.add({ id: "one", secret: Buffer.alloc(32, 8) });
    expect(await knows()).toBe("signature");
    keys.remove("one");
    keys.add({ id: "one", secret, notAfter: time.now() + 1_000 });
    expect(await knows()).toHaveProperty("passed");
    await time.advance(1_000);
    expect(await knows()).toBe("key");
  });
});
