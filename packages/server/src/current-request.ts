import { AsyncLocalStorage } from "node:async_hooks";

import type { RequestContext } from "./active-request.js";

/** Who works for which request, of every server with the option `asyncContext`. */
export const requestStorage = new AsyncLocalStorage<RequestContext>();

/**
 * The context of the request that this code works for, from anywhere below its handler; `undefined` elsewhere, and without
 * the option `asyncContext` of the server. A handler has it at hand as `request.context`.
 */
export function currentRequest(): RequestContext | undefined {
  return requestStorage.getStore();
}
