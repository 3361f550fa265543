import { Fragment } from "preact";
import { useState } from "preact/hooks";

import type { Overview } from "../../../src/admin/contract.js";
import { Button } from "../components/button.js";
import { Card } from "../components/card.js";
import { dayAndTime, milliseconds } from "./format.js";
import { Answered, usePolled } from "./polled.js";
import { Graph, GraphTable } from "./service-graph.js";
import { Table } from "./table.js";

/** The process that answers: what stands behind it, how it came up, what it is made of. */
export function OverviewTab() {
  const overview = usePolled<Overview>("/api/admin/overview", 60_000);
  return (
    <Answered by={overview}>
      {({ process, node, engines, startup, graph }) => (
        <>
          <Card title="This process">
            <dl class="facts">
              <dt>process</dt>
              <dd>
                {process.name}, since {dayAndTime(process.startedAt)}, Node.js {node}
              </dd>
              {Object.entries(engines).map(([name, where]) => (
                <Fragment key={name}>
                  <dt>{name}</dt>
                  <dd>{where}</dd>
                </Fragment>
              ))}
            </dl>
          </Card>
          <Timeline startup={startup} />
          <Services graph={graph} />
        </>
      )}
    </Answered>
  );
}

function Timeline({ startup: { totalMs, steps } }: Pick<Overview, "startup">) {
  return (
    <Card title={`Started in ${milliseconds(totalMs)}`}>
      <Table
        label="Start-up, step by step"
        columns={["Step", "From", "Took", "When"]}
        boxClass="timeline"
      >
        {steps.map(({ name, startMs, durationMs, outcome }) => (
          <tr key={name}>
            <th scope="row">
              {name}
              {outcome === "done" ? "" : ` (${outcome})`}
            </th>
            <td class="number">{milliseconds(startMs)}</td>
            <td class="number">{milliseconds(durationMs)}</td>
            <td class="bar-cell">
              <Bar total={totalMs} from={startMs} length={durationMs} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Bar({ total, from, length }: Readonly<Record<"total" | "from" | "length", number>>) {
  const share = (ms: number): string => `${(100 * ms) / Math.max(total, 1)}%`;
  return <div class="bar" style={{ marginLeft: share(from), width: share(length) }} />;
}

function Services({ graph }: Pick<Overview, "graph">) {
  const [asTable, showTable] = useState(false);
  const toggle = (
    <Button small aria-pressed={asTable} onClick={() => showTable(!asTable)}>
      As a table
    </Button>
  );
  return (
    <Card title="Services" aside={toggle}>
      {asTable ? <GraphTable graph={graph} /> : <Graph graph={graph} />}
    </Card>
  );
}
