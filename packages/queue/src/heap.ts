/** What a {@link Heap} holds: it knows where it stands, so that it can be moved or taken out. */
export interface HeapNode {
  /** -1 when it is in no heap. */
  heapIndex: number;
}

/** Gives the first of its nodes, by an order that may change: tell it by `update`. */
export class Heap<T extends HeapNode> {
  readonly #nodes: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get first(): T | undefined {
    return this.#nodes[0];
  }

  /** All of them, in no order. */
  values(): readonly T[] {
    return this.#nodes;
  }

  push(node: T): void {
    this.#nodes.push(node);
    this.#up(node, this.#nodes.length - 1);
  }

  remove(node: T): void {
    const at = node.heapIndex;
    const last = this.#nodes.pop()!;
    node.heapIndex = -1;
    if (last === node) return;
    this.#down(last, at);
    this.#up(last, last.heapIndex);
  }

  update(node: T): void {
    if (this.#nodes.length === 1) return;
    this.#down(node, node.heapIndex);
    this.#up(node, node.heapIndex);
  }

  #up(node: T, from: number): void {
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#nodes[parentAt]!;
      if (!this.#before(node, parent)) break;
      this.#place(parent, at);
      at = parentAt;
    }
    this.#place(node, at);
  }

  #down(node: T, from: number): void {
    let at = from;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= this.#nodes.length) break;
      const right = childAt + 1;
      if (right < this.#nodes.length && this.#before(this.#nodes[right]!, this.#nodes[childAt]!)) {
        childAt = right;
      }
      const child = this.#nodes[childAt]!;
      if (!this.#before(child, node)) break;
      this.#place(child, at);
      at = childAt;
    }
    this.#place(node, at);
  }

  #place(node: T, at: number): void {
    this.#nodes[at] = node;
    node.heapIndex = at;
  }
}
