import { useMemo, useState } from "preact/hooks";

import type { ServiceGraph } from "../../../src/admin/contract.js";
import { layered, nodeHeight, nodeWidth } from "./layered.js";
import { Table } from "./table.js";

/** What needs what, drawn; pointing at a service shows what belongs to it. {@link GraphTable} says the same in words. */
export function Graph({ graph }: { readonly graph: ServiceGraph }) {
  const { width, height, nodes, edges } = useMemo(() => layered(graph), [graph]);
  const [picked, pick] = useState<string>();
  const touches = ({ from, to }: { from: string; to: string }): boolean =>
    picked === from || picked === to;
  const near = (name: string): boolean =>
    name === picked ||
    edges.some((edge) => touches(edge) && (edge.from === name || edge.to === name));
  return (
    <div class="admin-scroll" role="region" aria-label="Graph of services" tabIndex={0}>
      <svg
        class="graph"
        width={width + 2}
        height={height + 2}
        viewBox={`-1 -1 ${width + 2} ${height + 2}`}
        data-picked={picked !== undefined}
        onMouseLeave={() => pick(undefined)}
        aria-hidden="true"
      >
        {edges.map((edge) => (
          <path
            key={`${edge.from}>${edge.to}`}
            d={edge.path}
            class={`edge ${edge.kind}`}
            data-near={touches(edge)}
          />
        ))}
        {nodes.map(({ name, x, y }) => (
          <g
            key={name}
            class="node"
            data-near={near(name)}
            transform={`translate(${x} ${y})`}
            onMouseEnter={() => pick(name)}
          >
            <rect width={nodeWidth} height={nodeHeight} rx="8" />
            <text
              x={nodeWidth / 2}
              y={nodeHeight / 2}
              text-anchor="middle"
              dominant-baseline="central"
            >
              {name.length > 21 ? `${name.slice(0, 20)}…` : name}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** The same as a table. */
export function GraphTable({ graph }: { readonly graph: ServiceGraph }) {
  const needs = (name: string): string =>
    graph.edges
      .filter(({ from }) => from === name)
      .map(({ to, kind }) => (kind === "direct" ? to : `${to} (${kind})`))
      .join(", ");
  return (
    <Table label="Services, and what each needs" columns={["Service", "Needs"]}>
      {graph.nodes.map(({ name }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>{needs(name) || "nothing"}</td>
        </tr>
      ))}
    </Table>
  );
}
