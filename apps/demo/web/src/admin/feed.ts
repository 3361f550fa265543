import { signal } from "@preact/signals";

import {
  rememberedSeconds,
  type AdminEvent,
  type LogLine,
  type Metrics,
  type ProcessSeries,
  type StorageUse,
} from "../../../src/admin/contract.js";
import { adminTopic } from "../../../src/contract.js";
import { get } from "../api/request.js";
import { connect } from "../state/live.js";

/** What each process measured, the longest there first. */
export const processes = signal<readonly ProcessSeries[]>([]);
export const storage = signal<readonly StorageUse[]>([]);
/** Lines that came since the page was opened, the newest first. */
export const newLines = signal<readonly LogLine[]>([]);

const mostLines = 500;

/** Follows all processes until what it returns is called. */
export async function follow(): Promise<() => void> {
  await read();
  const subscription = await connect().subscribe<AdminEvent>(adminTopic, take, {
    // after a broken connection seconds are missing
    onGap: () => void read(),
  });
  return () => void subscription.close();
}

async function read(): Promise<void> {
  const metrics = await get<Metrics>("/api/admin/metrics");
  processes.value = metrics.processes;
  storage.value = metrics.storage;
}

function take({ process, point, lines }: AdminEvent): void {
  const oldest = point.at - rememberedSeconds * 1000;
  const known = processes.value.some((series) => series.process.id === process.id);
  const all = known ? processes.value : [...processes.value, { process, points: [] }];
  processes.value = all
    .map((series) => {
      const points = series.points.filter(({ at }) => at >= oldest);
      if (series.process.id === process.id) points.push(point);
      return { process: series.process, points };
    })
    .filter(({ points }) => points.length > 0);
  if (lines.length > 0) {
    newLines.value = [...lines.toReversed(), ...newLines.value].slice(0, mostLines);
  }
}
