import type { Binding, BindingScope, BindingSource } from "./binding.js";
import { dependenciesOf, type DependencyKind } from "./dependencies.js";
import type { Table } from "./table.js";

/** One thing that is bound or was wired. */
export interface GraphNode {
  /** Unique in the graph. */
  readonly name: string;
  readonly kind: BindingSource["kind"];
  readonly scope: BindingScope;
}

/** One thing that needs another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: DependencyKind;
}

/** What needs what; `JSON.stringify` gives its nodes and edges. */
export class DependencyGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];

  constructor(nodes: readonly GraphNode[], edges: readonly GraphEdge[]) {
    this.nodes = nodes;
    this.edges = edges;
  }

  /** A Mermaid flowchart, as Markdown viewers draw it; a dotted arrow is optional or lazy. */
  toMermaid(): string {
    const id = new Map(this.nodes.map(({ name }, at) => [name, `n${at}`]));
    return [
      "flowchart LR",
      ...this.nodes.map(({ name, scope }) =>
        scope === "singleton"
          ? `  ${id.get(name)}[${quoted(name)}]`
          : `  ${id.get(name)}([${quoted(`${name} (${scope})`)}])`,
      ),
      ...this.edges.map(
        ({ from, to, kind }) =>
          `  ${id.get(from)} ${kind === "direct" ? "-->" : `-. ${kind} .->`} ${id.get(to)}`,
      ),
    ].join("\n");
  }

  /** Graphviz. */
  toDot(): string {
    return [
      "digraph container {",
      "  rankdir=LR;",
      ...this.nodes.map(({ name, scope }) => {
        const style = scope === "singleton" ? "" : ", style=rounded";
        return `  ${JSON.stringify(name)} [shape=box${style}];`;
      }),
      ...this.edges.map(({ from, to, kind }) => {
        const style = kind === "direct" ? "" : ` [style=dashed, label=${kind}]`;
        return `  ${JSON.stringify(from)} -> ${JSON.stringify(to)}${style};`;
      }),
      "}",
    ].join("\n");
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', "#quot;")}"`;
}

/** The graph of everything that a table sees, and what that reaches. */
export function graphOf(table: Table): DependencyGraph {
  const names = new Map<Binding, string>();
  const taken = new Set<string>();
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const visit = (binding: Binding): string => {
    const known = names.get(binding);
    if (known !== undefined) return known;
    let name = binding.name;
    for (let n = 2; taken.has(name); n += 1) name = `${binding.name} ${n}`;
    taken.add(name);
    names.set(binding, name);
    nodes.push({ name, kind: binding.source.kind, scope: binding.scope });
    for (const { kind, bindings } of dependenciesOf(table, binding)) {
      for (const found of bindings) edges.push({ from: name, to: visit(found), kind });
    }
    return name;
  };
  for (const binding of table.everything()) visit(binding);
  return new DependencyGraph(nodes, edges);
}
