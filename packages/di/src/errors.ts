import { defineErrors, shape } from "@infra/errors";

/** The errors of this package. */
export const diErrors = defineErrors({
  NotBoundError: {
    code: "ERR_DI_NOT_BOUND",
    when: "Nothing is bound to what was asked for, and it is no class that can be wired.",
    details: shape<{ path: readonly string[]; nearest?: string }>(),
  },
  NotWireableError: {
    code: "ERR_DI_NOT_WIREABLE",
    when: "A class has constructor parameters, and neither `static inject` nor a decorator names them.",
    details: shape<{ path: readonly string[] }>(),
  },
  CircularDependencyError: {
    code: "ERR_DI_CIRCULAR",
    when: "Things need each other in a circle that no `lazy` entry opens.",
    details: shape<{ path: readonly string[] }>(),
  },
  CaptiveDependencyError: {
    code: "ERR_DI_CAPTIVE",
    when: "A singleton needs something scoped, which it would keep beyond the scope.",
    details: shape<{ path: readonly string[] }>(),
  },
  AsyncDependencyError: {
    code: "ERR_DI_ASYNC",
    when: "Something made by an asynchronous factory was asked for with `get` before it was made.",
    details: shape<{ path: readonly string[] }>(),
  },
  LateBindingError: {
    code: "ERR_DI_LATE_BINDING",
    when: "A value was provided after something that asks for it had been made without it.",
    details: shape<{ without: readonly string[] }>(),
  },
  VerificationError: {
    code: "ERR_DI_VERIFICATION",
    when: "`verify()` found mistakes; the message lists all of them.",
    details: shape<{ problems: readonly { kind: string; message: string }[] }>(),
  },
  ContainerDisposedError: {
    code: "ERR_DI_DISPOSED",
    when: "A container or scope was used after it was disposed.",
  },
  DisposalError: {
    code: "ERR_DI_DISPOSAL",
    when: "Something failed while it was disposed, or did not end in time; the rest was disposed.",
    details: shape<{ failed: readonly string[]; overran: readonly string[] }>(),
  },
});

/** The classes of {@link diErrors}. */
export const {
  AsyncDependencyError,
  CaptiveDependencyError,
  CircularDependencyError,
  ContainerDisposedError,
  DisposalError,
  LateBindingError,
  NotBoundError,
  NotWireableError,
  VerificationError,
} = diErrors.classes;
