import { createContainer } from "@infra/di";

class Pool {
  size = 4;
}
class Clock {
  zone = "UTC";
}
class Mailer {
  from = "shop@example.org";
}
class Repository {
  static inject = { pool: Pool, clock: Clock };
  pool;
  clock;
  constructor({ pool, clock }) {
    this.pool = pool;
    this.clock = clock;
  }
}
class Service {
  static inject = { repository: Repository, mailer: Mailer };
  repository;
  mailer;
  constructor({ repository, mailer }) {
    this.repository = repository;
    this.mailer = mailer;
  }
}
class Controller {
  static inject = { service: Service };
  service;
  constructor({ service }) {
    this.service = service;
  }
}
class Session {
  disposed = false;
  dispose() {
    this.disposed = true;
  }
}
class Handler {
  static inject = { session: Session, pool: Pool };
  session;
  pool;
  constructor({ session, pool }) {
    this.session = session;
    this.pool = pool;
  }
}

export const works = {
  "6 objects": () => {
    const app = createContainer();
    return () => app.get(Controller);
  },
  singleton: () => {
    const app = createContainer();
    app.bind(Pool).toSelf().inSingletonScope();
    return () => app.get(Pool);
  },
  scope: () => {
    const app = createContainer();
    app.bind(Pool).toSelf().inSingletonScope();
    app.bind(Session).toSelf().inScopedScope();
    return async () => {
      const scope = app.createScope();
      const handler = scope.get(Handler);
      await scope.dispose();
      return handler;
    };
  },
  "5 services": () => () => {
    const app = createContainer();
    for (const Class of [Pool, Clock, Mailer, Repository, Service]) {
      app.bind(Class).toSelf().inSingletonScope();
    }
    return app;
  },
  /** A graph that nobody has looked at before: each class needs up to three of those before it. */
  verify: () => {
    const app = createContainer();
    const classes = [];
    for (let at = 0; at < 200; at += 1) {
      const needed = new Set([at - 1, Math.floor(at / 2), Math.floor(at / 3)]);
      const inject = Object.fromEntries(
        [...needed].filter((other) => classes[other]).map((other) => [`n${other}`, classes[other]]),
      );
      const Class = class {
        static inject = inject;
        constructor(deps) {
          Object.assign(this, deps);
        }
      };
      classes.push(Class);
      app.bind(Class).toSelf().inSingletonScope();
    }
    return () => {
      app.verify();
      return app;
    };
  },
};
/** What a container with five services gives. */
export const ask = (app) => app.get(Service);
