import type { ResolvedImageLimits } from "./image/image-limits.js";
import type { ImageMetadata } from "./image/image-metadata.js";
import type { ImageOperations } from "./image/image-operations.js";
import type { ImageWorker, LibraryOptions } from "./image/image-worker.js";
import type { Placeholder } from "./image/placeholder-options.js";
import type { ProcessedImage } from "./image/processed-image.js";
import { Sandbox, type SandboxOptions } from "./sandbox/sandbox.js";

/** The work on images in processes of their own: aborting kills one. */
export class SandboxedImageWorker implements ImageWorker {
  readonly #sandbox: Sandbox<typeof import("./image-sandbox.js")>;
  readonly #settings: readonly [ResolvedImageLimits, LibraryOptions];

  constructor(
    limits: ResolvedImageLimits,
    options: LibraryOptions,
    sandbox: Omit<SandboxOptions, "module" | "timeout">,
  ) {
    const module = import.meta.url.endsWith(".ts")
      ? new URL("./image-sandbox.ts", import.meta.url)
      : new URL("./image-sandbox.js", import.meta.url);
    // the caller's time limit is the one that counts
    this.#sandbox = new Sandbox({ ...sandbox, module, timeout: Infinity });
    this.#settings = [limits, options];
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    await this.#sandbox.run("prepare", [...this.#settings], { signal });
  }

  inspect(bytes: Buffer, signal: AbortSignal): Promise<ImageMetadata> {
    return this.#sandbox.run("inspect", [...this.#settings, bytes], { signal });
  }

  async make(
    bytes: Buffer,
    list: readonly ImageOperations[],
    signal: AbortSignal,
  ): Promise<ProcessedImage[]> {
    if (list.some(({ custom }) => custom)) {
      throw new TypeError("custom is a function, which can't go into the sandbox");
    }
    const made = await this.#sandbox.run("make", [...this.#settings, bytes, list], { signal });
    return made.map((image) => Object.assign(image, { data: asBuffer(image.data) }));
  }

  placeholder(bytes: Buffer, kind: "lqip" | "blurhash", signal: AbortSignal): Promise<Placeholder> {
    return this.#sandbox.run("placeholder", [...this.#settings, bytes, kind], { signal });
  }

  colour(bytes: Buffer, signal: AbortSignal): Promise<string> {
    return this.#sandbox.run("colour", [...this.#settings, bytes], { signal });
  }

  stop(): Promise<void> {
    return this.#sandbox.stop();
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
