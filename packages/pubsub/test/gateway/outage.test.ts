import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { mortalEngines } from "../engine-outage.js";
import { Harness } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

for (const { name, missing, open } of mortalEngines) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`;
  (missing === undefined ? describe : describe.skip)(`two nodes while ${title} is away`, () => {
    it("disconnect(): closes what was there, on the other node too once it is back, and nobody who came later", async () => {
      const engine = await open();
      harness.onClose(() => engine.stop());
      const make = () =>
        harness.node({}, { pubsub: harness.pubsub({ url: engine.url, timeout: "1s" }) });
      const [here, there] = [await make(), await make()];
      const clients = [harness.client(here), harness.client(there)];
      const bob = harness.client(there, { token: "bob" });
      for (const each of [...clients, bob]) await each.connected();

      await engine.kill();
      await until(() => !here.pubsub.stats().connected);
      await here.gateway.disconnect({ userId: "ada" });
      await until(() => clients[0]!.state === "closed");
      expect(clients[1]!.state).toBe("connected");
      const later = harness.client(there);
      await later.connected();

      await engine.restart();
      await until(() => clients[1]!.state === "closed");
      expect([later.state, bob.state]).toEqual(["connected", "connected"]);
    }, 60_000);
  });
}
