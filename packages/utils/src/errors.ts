import { ConflictError, defineErrors, shape } from "@infra/errors";

// marked as pure, so that a bundler leaves out what a program does not use
/** The errors of this package, with their codes. */
export const utilsErrors = /* @__PURE__ */ defineErrors({
  PatchFailedError: {
    code: "ERR_UTILS_PATCH_FAILED",
    when: "A patch does not fit the value: a path is missing, or a test does not hold.",
    extends: ConflictError,
    details: /* @__PURE__ */ shape<{ readonly index: number; readonly path: string }>(),
  },
});

/** A patch does not fit the value that it was made for. */
export const PatchFailedError = /* @__PURE__ */ (() => utilsErrors.classes.PatchFailedError)();
export type PatchFailedError = InstanceType<typeof PatchFailedError>;
