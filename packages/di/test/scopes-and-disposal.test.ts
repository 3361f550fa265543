import { EventEmitter, once } from "node:events";

import { lazy, token, type Inject } from "@infra/interfaces";
import { describe, expect, it, jest } from "@jest/globals";

import { createContainer, DisposalError } from "../src/index.js";

const log: string[] = [];

/** Something that says when it is disposed, which takes a turn. */
function disposable(name: string, act: () => unknown = () => {}): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      log.push(`${name} begins`);
      await act();
      log.push(`${name} ends`);
    },
  };
}

function logged(): string[] {
  return log.splice(0);
}

class Session {
  readonly id = {};
  disposed = 0;
  dispose(): void {
    this.disposed += 1;
  }
}

class Handler {
  static readonly inject: Inject<typeof Handler> = { session: Session };
  constructor(readonly deps: { readonly session: Session }) {}
}

describe("Container.createScope", () => {
  it("keeps an instance per scope, and disposes it with the scope", async () => {
    const container = createContainer();
    container.bind(Session).toSelf().inScopedScope();
    const [a, b] = [container.createScope(), container.createScope()];
    const session = a.get(Handler).deps.session;
    expect(a.get(Session)).toBe(session);
    expect(b.get(Session)).not.toBe(session);
    await a.dispose();
    expect(session.disposed).toBe(1);
    expect(b.get(Session).disposed).toBe(0);
    expect(() => a.get(Session)).toThrow("Session was asked for after the container was disposed");
  });

  it("may bind for itself", () => {
    const container = createContainer();
    const user = token<string>("test.user");
    container.bind(user).toConstantValue("nobody");
    const scope = container.createScope();
    expect(scope.get(user)).toBe("nobody");
    scope.bind(user).toConstantValue("Ada");
    expect([scope.get(user), container.get(user)]).toEqual(["Ada", "nobody"]);
    container.rebind(user).toConstantValue("somebody");
    expect([scope.get(user), container.createScope().get(user)]).toEqual(["Ada", "somebody"]);
  });

  it("is ambient within run: a lazy collaborator of a singleton gets the running scope's instance", async () => {
    class Singleton {
      static readonly inject: Inject<typeof Singleton> = { session: lazy(() => Session) };
      constructor(readonly deps: { readonly session: () => Session }) {}
    }
    const container = createContainer();
    container.bind(Session).toSelf().inScopedScope();
    container.bind(Singleton).toSelf().inSingletonScope();
    const { session } = container.get(Singleton).deps;
    const scope = container.createScope();
    const inside = await scope.run(async () => {
      await Promise.resolve();
      return session();
    });
    expect(inside).toBe(scope.get(Session));
    expect(container.current).toBe(container);
    expect(scope.run(() => container.current)).toBe(scope);
    expect(scope.run(() => createContainer().current)).not.toBe(scope);
  });
});

describe("Container.dispose", () => {
  it("disposes in reverse order of creation, one after the other, singletons of factories too", async () => {
    const container = createContainer();
    const [a, b, c] = ["a", "b", "c"].map((name) => token<AsyncDisposable>(`test.${name}`)) as [
      ReturnType<typeof token<AsyncDisposable>>,
      ReturnType<typeof token<AsyncDisposable>>,
      ReturnType<typeof token<AsyncDisposable>>,
    ];
    container
      .bind(a)
      .toFactory(() => disposable("a"))
      .inSingletonScope();
    container
      .bind(b)
      .toFactory((resolver) => (resolver.get(a), disposable("b")))
      .inSingletonScope();
    container.bind(c).toAsyncFactory(async () => disposable("c"));
    container.get(b);
    await container.getAsync(c);
    await Promise.all([container.dispose(), container.dispose()]);
    expect(logged()).toEqual(["c begins", "c ends", "b begins", "b ends", "a begins", "a ends"]);
  });

  it("goes on when one throws, even at once, and names it", async () => {
    const container = createContainer();
    container
      .bind(token("test.good"))
      .toFactory(() => disposable("good"))
      .inSingletonScope();
    const reason = new Error("no");
    container
      .bind(token("test.bad"))
      .toFactory(() => ({
        dispose() {
          throw reason;
        },
      }))
      .inSingletonScope();
    container.get(token("test.good"));
    container.get(token("test.bad"));
    const error: unknown = await container.dispose().catch((thrown: unknown) => thrown);
    expect(DisposalError.is(error) && error.details).toEqual({ failed: ["test.bad"], overran: [] });
    expect((error as Error).cause).toBe(reason);
    expect(logged()).toEqual(["good begins", "good ends"]);
  });

  it("ends at its deadline, tells the rest to let go, and names what overran", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask"] });
    try {
      const container = createContainer();
      const hung = token<object>("test.hung");
      const after = token<object>("test.after");
      container
        .bind(after)
        .toFactory(() => disposable("after"))
        .inSingletonScope();
      container
        .bind(hung)
        .toFactory(() => ({ stop: () => new Promise(() => {}) }))
        .inSingletonScope();
      container.get(after);
      container.get(hung);
      const disposal = container.dispose({ timeout: "5s" }).catch((thrown: unknown) => thrown);
      await jest.advanceTimersByTimeAsync(5000);
      const error = await disposal;
      expect(DisposalError.is(error) && error.details.overran).toEqual(["test.hung"]);
      expect(logged()).toEqual(["after begins", "after ends"]);
    } finally {
      jest.useRealTimers();
    }
  });

  it("names what an asynchronous factory had not made by then", async () => {
    const container = createContainer();
    const slow = token<object>("test.slow");
    container.bind(slow).toAsyncFactory(() => new Promise<object>(() => {}));
    void container.getAsync(slow);
    const disposal = container.dispose({ signal: AbortSignal.abort() });
    await expect(disposal).rejects.toMatchObject({ details: { overran: ["test.slow"] } });
  });

  it("disposes its scopes first", async () => {
    const container = createContainer();
    const perScope = token<object>("test.scoped");
    container
      .bind(token("test.single"))
      .toFactory(() => disposable("singleton"))
      .inSingletonScope();
    container
      .bind(perScope)
      .toFactory(() => disposable("scoped"))
      .inScopedScope();
    container.get(token("test.single"));
    container.createScope().createScope().get(perScope);
    await container.dispose();
    expect(logged()).toEqual([
      "scoped begins",
      "scoped ends",
      "singleton begins",
      "singleton ends",
    ]);
  });

  it("retains no transient instance", async () => {
    const container = createContainer();
    const disposed = jest.spyOn(Session.prototype, "dispose");
    for (let n = 0; n < 1000; n += 1) container.get(Session);
    expect(container.created()).toEqual([]);
    await container.dispose();
    expect(disposed).not.toHaveBeenCalled();
    disposed.mockRestore();
  });

  it("leaves values to their owner, unless they ask for it", async () => {
    const container = createContainer();
    const [mine, yours, custom] = [new Session(), new Session(), new Session()];
    container.bind(token("test.mine")).toConstantValue(mine);
    container.bind(token("test.yours")).toConstantValue(yours).onDispose();
    const ended: unknown[] = [];
    container
      .bind(token<Session>("test.custom"))
      .toConstantValue(custom)
      .onDispose((session) => ended.push(session));
    await container.dispose();
    expect([mine.disposed, yours.disposed, custom.disposed]).toEqual([0, 1, 0]);
    expect(ended).toEqual([custom]);
  });

  it("still disposes an instance that rebind dropped", async () => {
    const container = createContainer();
    container.bind(Session).toSelf().inSingletonScope();
    const session = container.get(Session);
    container.rebind(Session).toConstantValue(new Session());
    await container.dispose();
    expect(session.disposed).toBe(1);
  });

  it("disposes what an asynchronous factory was still making", async () => {
    const container = createContainer();
    const late = token<object>("test.late");
    const opened = new EventEmitter();
    const gate = once(opened, "open");
    container.bind(late).toAsyncFactory(async () => {
      await gate;
      return disposable("late");
    });
    const made = container.getAsync(late).catch(() => {});
    const disposal = container.dispose();
    opened.emit("open");
    await Promise.all([made, disposal]);
    expect(logged()).toEqual(["late begins", "late ends"]);
  });
});
