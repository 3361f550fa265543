import { ConflictError, defineErrors, shape } from "@infra/errors";

/** The errors of this package, with their codes. */
export const utilsErrors = defineErrors({
  PatchFailedError: {
    code: "ERR_UTILS_PATCH_FAILED",
    when: "A patch does not fit the value: a path is missing, or a test does not hold.",
    extends: ConflictError,
    details: shape<{ readonly index: number; readonly path: string }>(),
  },
});

/** A patch does not fit the value that it was made for. */
export const PatchFailedError = utilsErrors.classes.PatchFailedError;
export type PatchFailedError = InstanceType<typeof PatchFailedError>;
