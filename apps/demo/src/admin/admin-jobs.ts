import type { JobInfo, JobsService, ScheduleInfo } from "@infra/jobs";

import type { JobRow, Jobs, JobStateName, ScheduleRow } from "./contract.js";

const mostListed = 50;
const longestText = 500;

/** How the jobs of all processes stand, and the first of those in a state. */
export async function jobsOf({ admin }: JobsService, state: JobStateName): Promise<Jobs> {
  const [counts, jobs, schedules] = await Promise.all([
    admin.counts(),
    admin.list(state, { limit: mostListed }),
    admin.schedules(),
  ]);
  return { counts, jobs: jobs.map(rowOf), schedules: schedules.map(scheduleRowOf) };
}

function rowOf(job: JobInfo): JobRow {
  const { id, name, state, failures, attempts, addedAtMs, finishedAtMs, error } = job;
  return {
    id,
    name,
    state,
    payload: cut(JSON.stringify(job.payload)),
    failures,
    attempts,
    addedAt: addedAtMs,
    ...(finishedAtMs !== undefined && { finishedAt: finishedAtMs }),
    ...(error !== undefined && { error: cut(error) }),
  };
}

function scheduleRowOf({ key, name, cron, timeZone, everyMs, nextMs }: ScheduleInfo): ScheduleRow {
  const when = cron === undefined ? `every ${Number(everyMs) / 1000} s` : `${cron} ${timeZone}`;
  return { key, name, when, nextAt: nextMs };
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
