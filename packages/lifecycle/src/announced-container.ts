import type { ServiceContainer } from "@infra/interfaces";

/** The default container of `@infra/di`, if the application has one. */
export function announcedContainer(): ServiceContainer | undefined {
  const { [Symbol.for("infra.container")]: announced } = globalThis as Record<symbol, unknown>;
  return isContainer(announced) ? announced : undefined;
}

/** Whether a value is a container, as opposed to a service. */
export function isContainer(value: unknown): value is ServiceContainer {
  const methods: readonly (keyof ServiceContainer)[] = ["provide", "created", "managed", "verify"];
  return (
    typeof value === "object" &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}
