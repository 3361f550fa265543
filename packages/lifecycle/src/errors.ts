import { defineErrors, shape, TimeoutError } from "@infra/errors";

/** The errors of this package. */
export const lifecycleErrors = defineErrors({
  StartupError: {
    code: "ERR_LIFECYCLE_STARTUP",
    when: "Something failed or was called off while starting; what had started was stopped again.",
    details: shape<{ failed: readonly string[] }>(),
  },
  HookTimeoutError: {
    code: "ERR_LIFECYCLE_TIMEOUT",
    when: "A hook or service did not start in its time.",
    extends: TimeoutError,
    details: shape<{ name: string; timeoutMs: number }>(),
  },
  UnknownDependencyError: {
    code: "ERR_LIFECYCLE_UNKNOWN_DEPENDENCY",
    when: "A hook names something to run after or before that nobody registered.",
    details: shape<{ name: string; dependency: string }>(),
  },
  CircularHooksError: {
    code: "ERR_LIFECYCLE_CIRCULAR",
    when: "Hooks wait for each other in a circle.",
    details: shape<{ path: readonly string[] }>(),
  },
  DuplicateNameError: {
    code: "ERR_LIFECYCLE_DUPLICATE_NAME",
    when: "Two hooks of a kind, or a hook and a managed service, have one name.",
    details: shape<{ name: string }>(),
  },
  LifecycleStateError: {
    code: "ERR_LIFECYCLE_STATE",
    when: "`startup()` or a registration came too late: the lifecycle has started or stopped.",
    details: shape<{ state: string }>(),
  },
});

/** The classes of {@link lifecycleErrors}. */
export const {
  CircularHooksError,
  DuplicateNameError,
  HookTimeoutError,
  LifecycleStateError,
  StartupError,
  UnknownDependencyError,
} = lifecycleErrors.classes;
