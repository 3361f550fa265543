// One package alone, in CommonJS: no container, no configuration, nothing to install beside it.
import infra = require("@infra/cache");

const cache = new infra.CacheService({ ttl: "5m" });
let calls = 0;

/** Slow, and so cached: many who ask at the same time share one call. */
async function rate(currency: string): Promise<number> {
  return await cache.getOrSet(currency, async () => {
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return currency === "EUR" ? 1 : 1.1;
  });
}

async function main(): Promise<void> {
  const rates = await Promise.all(["EUR", "USD", "EUR", "EUR", "USD"].map(rate));
  console.log(rates.join(" "), `with ${calls} calls`);
  await cache.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
