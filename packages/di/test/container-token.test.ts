import { optional, tokens, type Inject, type ServiceContainer } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { container as defaultContainer, createContainer } from "../src/index.js";

describe("tokens.container", () => {
  class Outfit {
    static readonly inject: Inject<typeof Outfit> = { container: optional(tokens.container) };
    constructor(readonly deps: { readonly container?: ServiceContainer | undefined }) {}
  }

  it("is the container that makes the one who asks, the outermost one in a scope", () => {
    const container = createContainer();
    expect(container.get(tokens.container)).toBe(container);
    expect(container.get(Outfit).deps.container).toBe(container);
    expect(container.createScope().get(Outfit).deps.container).toBe(container);
    expect(defaultContainer.get(Outfit).deps.container).toBe(defaultContainer);
  });

  it("may be bound to another, is disposed by nobody and comes back after a snapshot", async () => {
    const container = createContainer();
    const other = createContainer();
    const snapshot = container.snapshot();
    container.rebind(tokens.container).toConstantValue(other);
    expect(container.get(Outfit).deps.container).toBe(other);
    container.restore(snapshot);
    expect(container.get(Outfit).deps.container).toBe(container);
    expect(container.created()).toEqual([]);
    await container.dispose();
  });
});
