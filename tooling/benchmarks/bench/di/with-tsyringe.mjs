import "reflect-metadata";
import { container, injectable, Lifecycle } from "tsyringe";

/** What TypeScript writes for a decorated class. */
function decorated(Class, ...parameters) {
  Reflect.defineMetadata("design:paramtypes", parameters, Class);
  injectable()(Class);
  return Class;
}

const Pool = decorated(
  class Pool {
    size = 4;
  },
);
const Clock = decorated(
  class Clock {
    zone = "UTC";
  },
);
const Mailer = decorated(
  class Mailer {
    from = "shop@example.org";
  },
);
const Repository = decorated(
  class Repository {
    pool;
    clock;
    constructor(pool, clock) {
      this.pool = pool;
      this.clock = clock;
    }
  },
  Pool,
  Clock,
);
const Service = decorated(
  class Service {
    repository;
    mailer;
    constructor(repository, mailer) {
      this.repository = repository;
      this.mailer = mailer;
    }
  },
  Repository,
  Mailer,
);
const Controller = decorated(
  class Controller {
    service;
    constructor(service) {
      this.service = service;
    }
  },
  Service,
);
const Session = decorated(
  class Session {
    disposed = false;
    dispose() {
      this.disposed = true;
    }
  },
);
const Handler = decorated(
  class Handler {
    session;
    pool;
    constructor(session, pool) {
      this.session = session;
      this.pool = pool;
    }
  },
  Session,
  Pool,
);

export const works = {
  "6 objects": () => {
    const app = container.createChildContainer();
    return () => app.resolve(Controller);
  },
  singleton: () => {
    const app = container.createChildContainer();
    app.registerSingleton(Pool);
    return () => app.resolve(Pool);
  },
  scope: () => {
    const app = container.createChildContainer();
    app.registerSingleton(Pool);
    app.register(Session, { useClass: Session }, { lifecycle: Lifecycle.ContainerScoped });
    return async () => {
      const scope = app.createChildContainer();
      const handler = scope.resolve(Handler);
      await scope.dispose();
      return handler;
    };
  },
  "5 services": () => () => {
    const app = container.createChildContainer();
    for (const Class of [Pool, Clock, Mailer, Repository, Service]) app.registerSingleton(Class);
    return app;
  },
};
/** What a container with five services gives. */
export const ask = (app) => app.resolve(Service);
