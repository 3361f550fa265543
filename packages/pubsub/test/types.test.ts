import type { HttpServer, MessageContext, PubSub, Topic } from "@infra/interfaces";
import { describe, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import type { PubSubClient } from "../src/client.js";
import type { GatewayDependencies } from "../src/gateway.js";
import { defineTopic, PubSubService } from "../src/index.js";

interface Order {
  readonly id: number;
}

describe("types", () => {
  it("a topic types what is published and heard, on the server and in the client", () => {
    const topic = defineTopic<Order>("orders.created");
    expectTypeOf(topic).toEqualTypeOf<Topic<Order>>();
    const use = (pubsub: PubSubService, client: PubSubClient): void => {
      // @ts-expect-error no order
      void pubsub.publish(topic, { id: "7" });
      // @ts-expect-error no order
      void client.publish(topic, "7");
      void pubsub.subscribe(topic, (order, context) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
        expectTypeOf(context).toEqualTypeOf<MessageContext>();
      });
      void client.subscribe(topic, (order) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
      });
    };
    expectTypeOf(use).toBeFunction();
  });

  it("the service is a PubSub, and the gateway takes any, and any server", () => {
    expectTypeOf<PubSubService>().toExtend<PubSub>();
    expectTypeOf<PubSub>().toExtend<GatewayDependencies["pubsub"]>();
    expectTypeOf<HttpServer>().toExtend<NonNullable<GatewayDependencies["server"]>>();
  });
});
