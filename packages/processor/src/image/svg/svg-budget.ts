import { limitError } from "../../limit-error.js";

interface Part {
  elements: number;
  readonly refers: string[];
}

/**
 * Counts what drawing an SVG amounts to: an element that is used a thousand times is drawn a thousand times, and what is used
 * by what is used multiplies.
 */
export class SvgBudget {
  readonly #maxElements: number;
  readonly #parts = new Map<string, Part>();
  readonly #open: (Part | undefined)[] = [];
  readonly #whole: Part = { elements: 0, refers: [] };

  constructor(maxElements: number) {
    this.#maxElements = maxElements;
  }

  /** An element begins, with the ids that it refers to. @throws LimitExceededError beyond the limit */
  begin(id: string | undefined, refers: readonly string[]): void {
    const part = id === undefined ? undefined : { elements: 0, refers: [] };
    if (part && !this.#parts.has(id!)) this.#parts.set(id!, part);
    this.#open.push(part);
    for (const each of [this.#whole, ...this.#open]) {
      if (!each) continue;
      each.elements += 1;
      each.refers.push(...refers);
    }
    if (this.#whole.elements > this.#maxElements) throw this.#tooMany(this.#whole.elements);
  }

  end(): void {
    this.#open.pop();
  }

  /** The ids of a circle of references, if there is one. @throws LimitExceededError beyond the limit */
  settle(): string | undefined {
    const costs = new Map<string, number>();
    const cost = (part: Part, path: ReadonlySet<string>): number => {
      let sum = part.elements;
      for (const id of part.refers) {
        const used = this.#parts.get(id);
        if (!used) continue;
        if (path.has(id)) throw new Circle(id);
        let each = costs.get(id);
        if (each === undefined) {
          each = cost(used, new Set([...path, id]));
          costs.set(id, each);
        }
        sum += each;
        if (sum > this.#maxElements) throw this.#tooMany(sum);
      }
      return sum;
    };
    try {
      cost(this.#whole, new Set());
      return undefined;
    } catch (error) {
      if (error instanceof Circle) return error.id;
      throw error;
    }
  }

  #tooMany(found: number): Error {
    return limitError({
      what: "the SVG",
      limit: "maxSvgElements",
      allowed: this.#maxElements,
      found,
      unit: "elements",
    });
  }
}

class Circle extends Error {
  readonly id: string;

  constructor(id: string) {
    super(id);
    this.id = id;
  }
}
