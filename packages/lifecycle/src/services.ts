import { inspect } from "node:util";

import { tokens, type Lifecycle, type Managed, type ServiceContainer } from "@infra/interfaces";

import { announcedContainer, isContainer } from "./announced-container.js";
import type { Step } from "./step.js";

/** Options of `manage(service)`. */
export interface ManageOptions {
  /** @default the name of the token that its class provides, else the name of its class */
  readonly name?: string;
  /** The names of services and startup hooks that it needs. */
  readonly after?: readonly string[];
}

/** A service with a life, and what has to live as long as it does. */
export interface ServiceNode {
  readonly name: string;
  readonly service: Managed;
  readonly dependencies: readonly string[];
  /** What `manage` was told that it comes after: services and hooks. */
  readonly after?: readonly string[];
}

/** The services that a lifecycle looks after: handed to it, or found in containers. */
export class Services {
  readonly #own: ServiceNode[] = [];
  readonly #managed = new Set<ServiceContainer>();
  #announced: ServiceContainer | undefined;

  /**
   * Takes a container whose services are stopped, though somebody else starts them, and makes the lifecycle known to what
   * it makes: the one that is given, else the one that announced itself, as soon as there is one.
   */
  connect(lifecycle: Lifecycle, given?: ServiceContainer): void {
    if (this.#announced) return;
    this.#announced = given ?? announcedContainer();
    this.#announced?.provide(tokens.lifecycle, lifecycle);
  }

  add(target: Managed | ServiceContainer, options: ManageOptions): void {
    if (isContainer(target)) {
      this.#managed.add(target);
      return;
    }
    if (typeof target !== "object" || target === null) {
      throw new TypeError(
        `manage: target must be a service or a container, got ${inspect(target)}`,
      );
    }
    const { provides } = target.constructor as { provides?: { name?: string } };
    const name = options.name ?? provides?.name ?? target.constructor.name;
    this.#own.push({ name, service: target, dependencies: [], after: options.after ?? [] });
  }

  /** @throws an error that lists every mistake in the bindings and the configuration. */
  verify(): void {
    for (const container of this.#containers()) container.verify();
  }

  /** What is to be started, dependencies first; makes what the managed containers have to make. */
  toStart(): ServiceNode[] {
    const made = [...this.#managed].flatMap((container) => container.managed());
    return distinct([...this.#own, ...made]);
  }

  /** What exists so far, in the order of its making. */
  existing(): ServiceNode[] {
    const made = this.#containers().flatMap((container) => container.created());
    return distinct([...this.#own, ...made]);
  }

  /**
   * The stops of what exists, each after those that need it. What a merely watched container made is stopped strictly in
   * reverse, since hooks started it in an order that nobody declared. The server stops before all others but those that
   * need it; the logger is left out.
   */
  stopSteps(): Step[] {
    const nodes = this.existing();
    const watched =
      this.#announced && !this.#managed.has(this.#announced)
        ? this.#announced.created().map(({ service }) => service)
        : [];
    const chain = nodes.filter(({ service }) => watched.includes(service));
    const hasServer = nodes.some(isServer);
    const served = needing(tokens.server.name, nodes);
    return nodes
      .filter(({ name }) => name !== tokens.logger.name)
      .map((node) => {
        const after = new Set(nodes.filter((other) => needs(other, node.name)).map(nameOf));
        const early = isServer(node) || served.has(node.name);
        for (const later of chain.slice(chain.indexOf(node) + 1)) {
          if (chain.includes(node) && (!early || served.has(later.name))) after.add(later.name);
        }
        if (!early && hasServer) after.add(tokens.server.name);
        after.delete(tokens.logger.name);
        return {
          name: node.name,
          kind: "service" as const,
          after: [...after],
          optional: true,
          run: (signal: AbortSignal) => node.service.stop?.({ signal }),
        };
      })
      .toReversed();
  }

  /** The logger's stop, which comes last. */
  logger(): Managed | undefined {
    return this.existing().find(({ name }) => name === tokens.logger.name)?.service;
  }

  #containers(): ServiceContainer[] {
    return [...new Set([...(this.#announced ? [this.#announced] : []), ...this.#managed])];
  }
}

const nameOf = ({ name }: ServiceNode): string => name;
const isServer = ({ name }: ServiceNode): boolean => name === tokens.server.name;
const needs = ({ dependencies, after = [] }: ServiceNode, name: string): boolean =>
  dependencies.includes(name) || after.includes(name);

/** The names of those that need a service, or something that needs it. */
function needing(name: string, nodes: readonly ServiceNode[]): ReadonlySet<string> {
  const found = new Set<string>();
  const wanted = [name];
  for (const each of wanted) {
    for (const node of nodes) {
      if (found.has(node.name) || !needs(node, each)) continue;
      found.add(node.name);
      wanted.push(node.name);
    }
  }
  return found;
}

/** Each service once, with a name of its own; the lifecycle doesn't look after itself. */
function distinct(nodes: readonly ServiceNode[]): ServiceNode[] {
  const seen = new Set<Managed>();
  const taken = new Set<string>([tokens.lifecycle.name]);
  const result: ServiceNode[] = [];
  for (const node of nodes) {
    if (seen.has(node.service) || node.name === tokens.lifecycle.name) continue;
    seen.add(node.service);
    let { name } = node;
    for (let n = 2; taken.has(name); n += 1) name = `${node.name} ${n}`;
    taken.add(name);
    result.push(name === node.name ? node : { ...node, name });
  }
  return result;
}
