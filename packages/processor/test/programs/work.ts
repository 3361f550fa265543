// What the tests of the sandbox run in it.
import { writeFileSync } from "node:fs";

export function add(a: number, b: number): number {
  return a + b;
}

export function pid(): number {
  return process.pid;
}

export function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.toReversed();
}

export function fail(message: string): never {
  throw new RangeError(message);
}

export function aFunction(): () => void {
  return () => {};
}

export function loop(): never {
  for (;;);
}

/** Says that it has begun by making a file. */
export function loopOnceSaid(path: string): never {
  writeFileSync(path, "");
  return loop();
}

export function fill(kind: "objects" | "buffers"): never {
  const held: unknown[] = [];
  for (;;) {
    held.push(
      kind === "objects"
        ? Array.from({ length: 10_000 }, (_, at) => ({ at }))
        : Buffer.alloc(1024 ** 2, 1),
    );
  }
}

export function exit(code: number): never {
  process.exit(code);
}

export function abort(): never {
  process.abort();
}

export function environment(): string[] {
  return Object.keys(process.env);
}
