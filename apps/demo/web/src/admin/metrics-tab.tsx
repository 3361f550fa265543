import type { Point } from "../../../src/admin/contract.js";
import { Card } from "../components/card.js";
import { Spinner } from "../components/spinner.js";
import { processes, storage } from "./feed.js";
import { bytes, milliseconds } from "./format.js";
import { Plot } from "./plot.js";
import { Table } from "./table.js";

interface PlotOf {
  readonly title: string;
  readonly pick: (point: Point) => number | undefined;
  readonly format: (value: number) => string;
}

const count = (value: number): string =>
  value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
const percent = (value: number): string => `${Math.round(value)} %`;

const plots: readonly PlotOf[] = [
  { title: "Requests per second", pick: ({ requests }) => requests, format: count },
  { title: "Latency, median", pick: ({ p50Ms }) => p50Ms, format: milliseconds },
  { title: "Latency, 99th percentile", pick: ({ p99Ms }) => p99Ms, format: milliseconds },
  { title: "Failed requests per second", pick: ({ errors }) => errors, format: count },
  { title: "Event loop, late by", pick: ({ eventLoopMs }) => eventLoopMs, format: milliseconds },
  { title: "Processor", pick: ({ cpu }) => cpu * 100, format: percent },
  { title: "Memory", pick: ({ rssBytes }) => rssBytes, format: bytes },
  { title: "Cache hits", pick: hitRate, format: percent },
  { title: "Sockets", pick: ({ sockets }) => sockets, format: count },
  { title: "Jobs that run", pick: ({ jobsRunning }) => jobsRunning, format: count },
];

function hitRate({ cacheHits, cacheMisses }: Point): number | undefined {
  const asked = cacheHits + cacheMisses;
  return asked === 0 ? undefined : (100 * cacheHits) / asked;
}

/** The last ten minutes of all processes. */
export function MetricsTab() {
  // a plot without a process would grow when one comes
  if (processes.value.length === 0) return <Spinner />;
  return (
    <div class="stack">
      <div class="plots">
        {plots.map((plot) => (
          <Plot key={plot.title} {...plot} processes={processes.value} />
        ))}
      </div>
      <Card title="Storage">
        <Table label="What is stored" columns={["Below", "Files", "Size"]}>
          {storage.value.map((use) => (
            <tr key={use.prefix}>
              <th scope="row">{use.prefix}</th>
              <td class="number">{count(use.files)}</td>
              <td class="number">{bytes(use.bytes)}</td>
            </tr>
          ))}
        </Table>
        {storage.value.length === 0 && <p class="muted">Nothing is stored yet.</p>}
      </Card>
    </div>
  );
}
