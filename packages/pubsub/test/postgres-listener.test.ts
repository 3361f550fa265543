import type { SqlPool } from "@infra/interfaces";
import { deferred } from "@infra/promises";
import { ManualClock, settle } from "@infra/testing";
import { expect, it } from "@jest/globals";

import { PostgresListener } from "../src/postgres-listener.js";

it("gives back a connection that comes when nobody waits for it any more", async () => {
  const connected = deferred<Awaited<ReturnType<SqlPool["connect"]>>>();
  const clock = new ManualClock();
  const released: unknown[] = [];
  const listener = new PostgresListener({
    pool: { connect: () => connected.promise } as unknown as SqlPool,
    channel: "c",
    clock,
    onPayload: () => {},
    onState: () => {},
    onGap: () => {},
  });
  const outcome = listener.open().catch((error: unknown) => error);
  await clock.advance(4_000);
  expect(await outcome).toMatchObject({ code: "ERR_PROMISES_TIMEOUT" });
  await listener.close();
  connected.resolve({
    query: async () => ({ rows: [] }),
    release: (error?: unknown) => void released.push(error),
  } as unknown as Awaited<ReturnType<SqlPool["connect"]>>);
  await settle();
  expect(released).toEqual([true]);
});
