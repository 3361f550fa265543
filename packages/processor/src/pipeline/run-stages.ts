import { abortable, linkSignals, withTimeout } from "@infra/promises";

import { StageFailedError } from "../errors.js";
import { notify } from "../notify.js";
import type { Stage, StageContext } from "./stage.js";
import { TemporaryPaths } from "./temporary-paths.js";

/** A stage and what it is called. */
export interface NamedStage {
  readonly name: string;
  readonly stage: Stage<unknown, unknown>;
}

/** How far a pipeline has come. */
export interface PipelineProgress {
  /** How many items came out at the end. */
  readonly items: number;
  /** How many each stage has given, the source first. */
  readonly stages: readonly { readonly name: string; readonly items: number }[];
}

/** Options of every way to run a {@link Pipeline}. */
export interface PipelineRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each item that comes out at the end. */
  readonly onProgress?: ((progress: PipelineProgress) => void) | undefined;
}

/** How many items a stage has given. */
export interface StageCount {
  readonly name: string;
  items: number;
}

/** The counts of stages that have not begun. */
export function countsOf(stages: readonly NamedStage[]): readonly StageCount[] {
  return stages.map(({ name }) => ({ name, items: 0 }));
}

/** How long the stages have to come to an end once the pipeline has been given up. */
const endTimeoutMs = 10_000;

/** Runs stages over a source, each fed by the one before; ends with all temporary files removed. */
export async function* runStages(
  source: NamedStage,
  stages: readonly NamedStage[],
  options: PipelineRunOptions,
  counts: readonly StageCount[] = countsOf([source, ...stages]),
): AsyncGenerator<unknown, void, undefined> {
  options.signal?.throwIfAborted();
  const link = linkSignals(options.signal);
  const temporary = new TemporaryPaths();
  const context: StageContext = {
    signal: link.signal,
    tempFile: (name) => temporary.file(name),
    tempDirectory: () => temporary.directory(),
  };
  let items: AsyncGenerator = guarded(source, nothing(), context, counts[0]!);
  for (const [at, stage] of stages.entries()) {
    items = guarded(stage, items, context, counts[at + 1]!);
  }
  let given = 0;
  let over = false;
  try {
    for (;;) {
      const step = await abortable(items.next(), { signal: link.signal });
      if (step.done) break;
      yield step.value;
      given += 1;
      notify(options.onProgress, { items: given, stages: counts.map((each) => ({ ...each })) });
    }
    over = true;
  } finally {
    if (!over) {
      link.abort(new DOMException("the pipeline has ended", "AbortError"));
      // a stage that does not listen to its signal is not waited for longer than this
      const ending = items.return(undefined).catch(() => undefined);
      await withTimeout(() => ending, { timeout: endTimeoutMs }).catch(() => undefined);
    }
    link[Symbol.dispose]();
    await temporary.removeAll();
  }
}

/** A stage's items, counted; what it throws is given its name, unless it was the signal's reason or has one already. */
async function* guarded(
  { name, stage }: NamedStage,
  items: AsyncIterable<unknown>,
  context: StageContext,
  count: StageCount,
): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const item of stage(items, context)) {
      count.items += 1;
      yield item;
    }
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    if (StageFailedError.is(error)) throw error;
    throw stageFailed(name, count.items, error);
  }
}

function stageFailed(stage: string, items: number, cause: unknown): Error {
  const why = (cause as Partial<Error> | undefined)?.message ?? String(cause);
  const { status, retryable, publicMessage } = (cause ?? {}) as {
    status?: number;
    retryable?: boolean;
    publicMessage?: string;
  };
  return new StageFailedError(`the stage ${JSON.stringify(stage)} failed: ${why}`, {
    cause,
    details: { stage, items },
    ...(typeof status === "number" && { status }),
    ...(typeof retryable === "boolean" && { retryable }),
    ...(typeof publicMessage === "string" && { publicMessage }),
  });
}

async function* nothing(): AsyncGenerator<never> {}
