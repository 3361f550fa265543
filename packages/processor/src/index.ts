export { batch } from "./batch/batch.js";
export type { BatchOptions, BatchProgress, BatchResult, BatchWork } from "./batch/batch.js";
export { FileCheckpoint } from "./batch/checkpoint.js";
export type { Checkpoint, FileCheckpointOptions } from "./batch/checkpoint.js";
export { runBatch, type BatchReport, type RunBatchOptions } from "./batch/run-batch.js";
export {
  BusyError,
  CorruptInputError,
  FfmpegFailedError,
  FfmpegMissingError,
  ImageFailedError,
  InvalidRecordError,
  LimitExceededError,
  ProcessingTimeoutError,
  processorErrors,
  SandboxCrashedError,
  SandboxMemoryError,
  StageFailedError,
  StoppedError,
  TargetSizeError,
  UnsafeSvgError,
  UnsupportedFormatError,
} from "./errors.js";
export type { ProcessorError } from "./errors.js";
export { Pipeline } from "./pipeline/pipeline.js";
export type { PipelineReport, StageItemContext, StageOptions } from "./pipeline/pipeline.js";
export type { PipelineProgress, PipelineRunOptions } from "./pipeline/run-stages.js";
export { streamStage, type Stage, type StageContext } from "./pipeline/stage.js";
export { Sandbox, type SandboxDependencies, type SandboxOptions } from "./sandbox/sandbox.js";
