import {
  defineErrors,
  InternalError,
  shape,
  TimeoutError,
  UnavailableError,
  ValidationError,
  type ErrorOf,
} from "@infra/errors";

/** Every error of this package by code. */
export const processorErrors = defineErrors({
  UnsupportedFormatError: {
    code: "ERR_PROCESSOR_UNSUPPORTED_FORMAT",
    when: "The content, by its bytes, is of none of the formats that are allowed.",
    extends: ValidationError,
    status: 415,
    details: shape<{ readonly type: string; readonly allowed: readonly string[] }>(),
  },
  CorruptInputError: {
    code: "ERR_PROCESSOR_CORRUPT",
    when: "The content is damaged or cut short, and can't be decoded.",
    extends: ValidationError,
    status: 422,
  },
  LimitExceededError: {
    code: "ERR_PROCESSOR_LIMIT",
    when: "What came in, or what would come out, is larger than a limit allows; `details` names the limit.",
    extends: ValidationError,
    status: 413,
    details: shape<{
      /** The option that sets it. */
      readonly limit: string;
      readonly allowed: number;
      /** What there was, where that is known. */
      readonly found?: number;
    }>(),
  },
  UnsafeSvgError: {
    code: "ERR_PROCESSOR_UNSAFE_SVG",
    when: "The SVG refers to files or hosts, holds scripts, entities or styles that could, or is too deep.",
    extends: ValidationError,
    status: 422,
  },
  TargetSizeError: {
    code: "ERR_PROCESSOR_TARGET_SIZE",
    when: "Even with the lowest quality the image is larger than `targetSize`.",
    extends: ValidationError,
    status: 422,
    details: shape<{ readonly targetBytes: number; readonly smallestBytes: number }>(),
  },
  InvalidRecordError: {
    code: "ERR_PROCESSOR_INVALID_RECORD",
    when: "A record of CSV or NDJSON can't be read; `details.line` says where.",
    extends: ValidationError,
    status: 422,
    details: shape<{ readonly line: number }>(),
  },
  ProcessingTimeoutError: {
    code: "ERR_PROCESSOR_TIMEOUT",
    when: "The work took longer than its time limit, and was stopped.",
    extends: TimeoutError,
    retryable: false,
    details: shape<{ readonly timeoutMs: number }>(),
  },
  BusyError: {
    code: "ERR_PROCESSOR_BUSY",
    when: "As many calls as `maxWaiting` allows are waiting for their turn already.",
    extends: UnavailableError,
  },
  StoppedError: {
    code: "ERR_PROCESSOR_STOPPED",
    when: "The service was used after `stop()`, or was stopped before the work was done.",
    extends: UnavailableError,
    retryable: false,
  },
  ImageFailedError: {
    code: "ERR_PROCESSOR_IMAGE_FAILED",
    when: "sharp refused for another reason: see `cause`.",
    extends: InternalError,
  },
  FfmpegMissingError: {
    code: "ERR_PROCESSOR_FFMPEG_MISSING",
    when: "There is no ffmpeg or ffprobe that can be run.",
    extends: InternalError,
    details: shape<{ readonly program: string }>(),
  },
  FfmpegFailedError: {
    code: "ERR_PROCESSOR_FFMPEG_FAILED",
    when: "ffmpeg ended with an error; `details.output` is the end of what it said.",
    extends: InternalError,
    details: shape<{
      readonly exitCode?: number;
      readonly killedBy?: string;
      readonly output: string;
    }>(),
  },
  StageFailedError: {
    code: "ERR_PROCESSOR_STAGE_FAILED",
    when: "A stage of a pipeline failed: `details.stage` names it, `cause` is its error.",
    extends: InternalError,
    details: shape<{
      readonly stage: string;
      /** How many items the stage had given before. */
      readonly items: number;
    }>(),
  },
  SandboxMemoryError: {
    code: "ERR_PROCESSOR_SANDBOX_MEMORY",
    when: "The work in the sandbox took more memory than it may, and its process was killed.",
    extends: ValidationError,
    status: 413,
    details: shape<{ readonly memoryBytes: number }>(),
  },
  SandboxCrashedError: {
    code: "ERR_PROCESSOR_SANDBOX_CRASHED",
    when: "The process of the sandbox ended by itself before the work was done.",
    extends: InternalError,
    details: shape<{
      readonly exitCode?: number;
      readonly killedBy?: string;
      readonly output: string;
    }>(),
  },
});

export const {
  BusyError,
  CorruptInputError,
  FfmpegFailedError,
  FfmpegMissingError,
  ImageFailedError,
  InvalidRecordError,
  LimitExceededError,
  ProcessingTimeoutError,
  SandboxCrashedError,
  SandboxMemoryError,
  StageFailedError,
  StoppedError,
  TargetSizeError,
  UnsafeSvgError,
  UnsupportedFormatError,
} = processorErrors.classes;

/** Any error of this package. */
export type ProcessorError = ErrorOf<typeof processorErrors>;
