import { isToken, type Bindable } from "./key.js";
import {
  inject as tsyringeInject,
  injectAll as tsyringeInjectAll,
  type InjectionToken,
} from "./tsyringe.js";

export {
  delay,
  injectable,
  injectAllWithTransform,
  injectWithTransform,
  Lifecycle as TsyringeLifecycle,
  registry,
  scoped,
  singleton,
} from "./tsyringe.js";

/** What a parameter decorator can ask for: a token, a class, or one of tsyringe's own tokens. */
export type DecoratorToken = Bindable<unknown> | InjectionToken;

/** tsyringe's parameter decorator, which takes typed tokens too: `@inject(tokens.logger)`. */
export function inject(
  what: DecoratorToken,
  options?: { readonly isOptional: boolean },
): ParameterDecorator {
  return tsyringeInject(toTsyringe(what), options) as ParameterDecorator;
}

/** tsyringe's parameter decorator for all instances of something, which takes typed tokens too. */
export function injectAll(
  what: DecoratorToken,
  options?: { readonly isOptional: boolean },
): ParameterDecorator {
  return tsyringeInjectAll(toTsyringe(what), options) as ParameterDecorator;
}

function toTsyringe(what: DecoratorToken): InjectionToken {
  return isToken(what) ? what.id : (what as InjectionToken);
}
