import { token, tokens, type Clock, type Inject } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import {
  AsyncDependencyError,
  CaptiveDependencyError,
  CircularDependencyError,
  createContainer,
  NotBoundError,
} from "../src/index.js";

class Mailer {
  static readonly inject: Inject<typeof Mailer> = { clock: tokens.clock };
  constructor(readonly deps: { readonly clock: Clock }) {}
}
class Users {
  static readonly inject: Inject<typeof Users> = { mailer: Mailer };
  constructor(readonly deps: { readonly mailer: Mailer }) {}
}
class Controller {
  static readonly inject: Inject<typeof Controller> = { users: Users };
  constructor(readonly deps: { readonly users: Users }) {}
}

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a resolution error", () => {
  it("shows the whole path", () => {
    const error = caught(() => createContainer().get(Controller));
    expect(NotBoundError.is(error) && error.details.path).toEqual([
      "Controller",
      "Users",
      "Mailer",
      "clock",
    ]);
    expect((error as Error).message).toBe(
      "nothing is bound to clock (Controller → Users → Mailer → clock)",
    );
  });

  it("shows the whole path through a factory", () => {
    const container = createContainer();
    container.bind(Users).toFactory((resolver) => new Users({ mailer: resolver.get(Mailer) }));
    expect(() => container.get(Controller)).toThrow("(Controller → Users → Mailer → clock)");
  });

  it("suggests the nearest bound name", () => {
    const container = createContainer();
    container.bind(token("test.repository")).toConstantValue(1);
    expect(() => container.get(token("test.repositry"))).toThrow("did you mean test.repository?");
    expect(() => container.get(token("unlike"))).not.toThrow("did you mean");
  });

  it("names a circle", () => {
    const hen = token<Hen>("test.hen");
    class Egg {
      static readonly inject: Inject<typeof Egg> = { hen };
      constructor(readonly deps: { readonly hen: unknown }) {}
    }
    class Hen {
      static readonly inject: Inject<typeof Hen> = { egg: Egg };
      constructor(readonly deps: { readonly egg: Egg }) {}
    }
    const container = createContainer();
    container.bind(hen).to(Hen);
    const error = caught(() => container.get(Egg));
    expect(CircularDependencyError.is(error)).toBe(true);
    expect((error as Error).message).toContain("(Egg → test.hen → Egg)");
  });

  it("names a circle of factories in place of a stack overflow", () => {
    const [a, b] = [token<object>("test.a"), token<object>("test.b")];
    const container = createContainer();
    container.bind(a).toFactory((resolver) => resolver.get(b));
    container.bind(b).toFactory((resolver) => resolver.get(a));
    expect(() => container.get(a)).toThrow("(test.a → test.b → test.a)");
  });

  it("leaves what a constructor throws as it is", () => {
    const reason = new RangeError("no");
    class Failing {
      readonly value = fail();
    }
    const fail = (): never => {
      throw reason;
    };
    expect(caught(() => createContainer().get(Failing))).toBe(reason);
  });

  it("does not stay: what is bound afterwards resolves", () => {
    const container = createContainer();
    expect(() => container.get(Controller)).toThrow(NotBoundError);
    container.bind(tokens.clock).toConstantValue({} as Clock);
    expect(container.get(Controller)).toBeInstanceOf(Controller);
  });

  it("refuses a singleton that would keep something scoped, also by a factory", () => {
    const container = createContainer();
    const user = token<object>("test.user");
    container
      .bind(user)
      .toFactory(() => ({}))
      .inScopedScope();
    container.bind(Mailer).toFactory((resolver) => resolver.get(user) as Mailer);
    container.bind(Users).toSelf().inSingletonScope();
    expect(container.createScope().get(Mailer)).toEqual({});
    expect(() => container.createScope().get(Users)).toThrow("(Users → Mailer → test.user)");

    class Session {
      static readonly inject: Inject<typeof Session> = { user };
      constructor(readonly deps: { readonly user: object }) {}
    }
    class Holder {
      static readonly inject: Inject<typeof Holder> = { session: Session };
      constructor(readonly deps: { readonly session: Session }) {}
    }
    // the way through the transient Session is known before the singleton is looked at
    container.createScope().get(Session);
    container.bind(Holder).toSelf().inSingletonScope();
    expect(() => container.createScope().get(Holder)).toThrow("(Holder → Session → test.user)");
    container
      .bind(token("test.keeper"))
      .toFactory((resolver) => resolver.get(user))
      .inSingletonScope();
    expect(() => container.get(token("test.keeper"))).toThrow(CaptiveDependencyError);
  });

  it("says to await what an asynchronous factory has not made yet", () => {
    const container = createContainer();
    container.bind(tokens.clock).toAsyncFactory(async () => ({}) as Clock);
    const error = caught(() => container.get(Controller));
    expect(AsyncDependencyError.is(error)).toBe(true);
    expect((error as Error).message).toContain("(Controller → Users → Mailer → clock)");
  });
});
