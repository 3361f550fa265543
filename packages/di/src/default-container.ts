import { Container } from "./container.js";
import { Scope } from "./scope.js";

const announced = Symbol.for("infra.container");
const shared = globalThis as { [announced]?: unknown };

/** Two copies of this package agree on one default container, as two copies of a token are equal. */
function announce(): Container {
  const known = shared[announced] as Container | undefined;
  if (typeof known?.bind === "function") return known;
  const { container: own } = new Scope(undefined, true);
  shared[announced] = own;
  return own;
}

/**
 * The application's container, announced as `globalThis[Symbol.for("infra.container")]` so that a lifecycle made without
 * options finds it.
 */
export const container: Container = announce();
