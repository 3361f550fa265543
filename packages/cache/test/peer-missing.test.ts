import { afterEach, describe, expect, it, jest } from "@jest/globals";

// as if nobody had installed them
for (const name of ["@keyv/redis", "@keyv/postgres"]) {
  jest.unstable_mockModule(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    });
  });
}
const { CacheService } = await import("../src/index.js");

const caches: InstanceType<typeof CacheService>[] = [];
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.stop();
});

describe("a URL whose package is not installed", () => {
  it.each([
    ["redis://127.0.0.1:1", "@keyv/redis", "npm i @keyv/redis"],
    ["postgres://127.0.0.1:1/x", "@keyv/postgres", "npm i @keyv/postgres pg"],
  ])(
    "%s: every call says what to install, also where a failure is a miss",
    async (url, name, install) => {
      const cache = new CacheService({ url });
      caches.push(cache);
      for (const call of [() => cache.start(), () => cache.get("key"), () => cache.set("key", 1)]) {
        await expect(call()).rejects.toMatchObject({
          code: "ERR_PEER_MISSING",
          message: expect.stringContaining(install),
          details: { package: name },
        });
      }
    },
  );
});
