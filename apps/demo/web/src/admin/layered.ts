import type { GraphEdge, ServiceGraph } from "../../../src/admin/contract.js";

/** A service with its place. */
export interface PlacedNode {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** An edge as a curve. */
export interface PlacedEdge extends GraphEdge {
  readonly path: string;
}

/** A graph with a place for everything, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export const nodeWidth = 168;
export const nodeHeight = 34;
const columnGap = 72;
const rowGap = 14;
const sweeps = 6;

/**
 * Places what needs others to the left of them: each in the column after the last of those that need it, and within its
 * column near its neighbours (by their mean place, over and over).
 */
export function layered({ nodes, edges }: ServiceGraph): Layout {
  const columns = columnsOf(
    nodes.map(({ name }) => name),
    edges,
  );
  const place = new Map<string, number>();
  for (const column of columns) for (const [at, name] of column.entries()) place.set(name, at);
  const neighbours = neighboursOf(edges);
  const wanted = (name: string): number => {
    const places = (neighbours.get(name) ?? []).map((each) => place.get(each)!);
    return places.length === 0 ? place.get(name)! : places.reduce((a, b) => a + b) / places.length;
  };
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const column of columns) {
      const keys = new Map(column.map((name) => [name, wanted(name)]));
      column.sort((a, b) => keys.get(a)! - keys.get(b)!);
      for (const [at, name] of column.entries()) place.set(name, at);
    }
  }
  return draw(columns, edges);
}

/** A lazy edge may close a circle: it says nothing about columns. */
function columnsOf(names: readonly string[], edges: readonly GraphEdge[]): string[][] {
  const needers = new Map(names.map((name): [string, string[]] => [name, []]));
  for (const { from, to, kind } of edges) if (kind !== "lazy") needers.get(to)!.push(from);
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    let depth = depths.get(name);
    if (depth === undefined) {
      depth = Math.max(-1, ...needers.get(name)!.map(depthOf)) + 1;
      depths.set(name, depth);
    }
    return depth;
  };
  const columns: string[][] = [];
  for (const name of names) (columns[depthOf(name)] ??= []).push(name);
  return columns;
}

function neighboursOf(edges: readonly GraphEdge[]): Map<string, string[]> {
  const neighbours = new Map<string, string[]>();
  const add = (one: string, other: string): void => {
    neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
  };
  for (const { from, to } of edges) {
    add(from, to);
    add(to, from);
  }
  return neighbours;
}

function draw(columns: readonly string[][], edges: readonly GraphEdge[]): Layout {
  const rowHeight = nodeHeight + rowGap;
  const height = Math.max(...columns.map(({ length }) => length)) * rowHeight;
  const placed = new Map<string, PlacedNode>();
  for (const [at, column] of columns.entries()) {
    // a short column stands in the middle
    const top = (height - column.length * rowHeight + rowGap) / 2;
    for (const [row, name] of column.entries()) {
      placed.set(name, { name, x: at * (nodeWidth + columnGap), y: top + row * rowHeight });
    }
  }
  return {
    width: columns.length * (nodeWidth + columnGap) - columnGap,
    height,
    nodes: [...placed.values()],
    edges: edges.map((edge) => ({
      ...edge,
      path: curve(placed.get(edge.from)!, placed.get(edge.to)!),
    })),
  };
}

function curve(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + nodeWidth, from.y + nodeHeight / 2];
  const [x2, y2] = [to.x, to.y + nodeHeight / 2];
  const bend = Math.max(columnGap / 2, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
