import type { JobDefinition, NewJobFlow } from "@infra/interfaces";

import type { JobEnqueueOptions } from "./job-definition.js";
import type { JobMaker } from "./job-maker.js";

/** A job with those that have to be done before: it runs when they are, and has their results. */
export interface JobFlow {
  readonly definition: JobDefinition<never> | JobDefinition;
  readonly payload: unknown;
  readonly options?: Omit<JobEnqueueOptions, "signal" | "dedupeKey" | "throttle" | "debounce">;
  readonly children?: readonly JobFlow[] | undefined;
  /** What its parent does when it has failed for good: fail as well, or run without it. @default "fail-parent" */
  readonly onFailure?: "fail-parent" | "ignore" | undefined;
}

/** The ids of a flow's jobs. */
export interface FlowIds {
  readonly id: string;
  readonly children: readonly FlowIds[];
}

const mostJobs = 10_000;

/** Makes a flow for an engine. @throws InvalidPayloadError, RangeError */
export async function newFlow(
  flow: JobFlow,
  maker: JobMaker,
): Promise<{ readonly made: NewJobFlow; readonly ids: FlowIds; readonly count: number }> {
  let count = 0;
  const build = async (each: JobFlow): Promise<{ made: NewJobFlow; ids: FlowIds }> => {
    count += 1;
    if (count > mostJobs) throw new RangeError(`a flow may have ${mostJobs} jobs, got more`);
    const { definition, payload, options = {}, onFailure = "fail-parent" } = each;
    const job = await maker.make(definition, payload, options);
    const children: { made: NewJobFlow; ids: FlowIds }[] = [];
    for (const child of each.children ?? []) children.push(await build(child));
    return {
      made: { job, onFailure, children: children.map(({ made }) => made) },
      ids: { id: job.id, children: children.map(({ ids }) => ids) },
    };
  };
  const { made, ids } = await build(flow);
  return { made, ids, count };
}
