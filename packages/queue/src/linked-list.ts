/** What a {@link LinkedList} holds: in one list at a time, and linked without another object. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

/** First in, first out; from its middle can be removed at the same cost. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined;
  last: T | undefined;
  size = 0;

  push(node: T): void {
    node.previous = this.last;
    node.next = undefined;
    if (this.last) this.last.next = node;
    else this.first = node;
    this.last = node;
    this.size += 1;
  }

  /** The node must be in this list. */
  remove(node: T): void {
    if (node.previous) node.previous.next = node.next;
    else this.first = node.next;
    if (node.next) node.next.previous = node.previous;
    else this.last = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.size -= 1;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let node = this.first; node;) {
      // what is given may be removed by who gets it
      const { next } = node;
      yield node;
      node = next;
    }
  }
}
