import type { Container } from "./container.js";
import { Scope } from "./scope.js";

/** A container of its own, apart from the default one: what is bound in either is unknown to the other. */
export function createContainer(): Container {
  return new Scope(undefined).container;
}
