/** How far ffmpeg has come. */
export interface MediaProgress {
  /** What has been made, in time of the result. */
  readonly timeMs: number;
  /** 0 to 100; missing where nobody knows how long it will be. */
  readonly percent?: number;
  /** What has been written so far. */
  readonly outputBytes: number;
  /** How many times faster than it plays. */
  readonly speed?: number;
  readonly elapsedMs: number;
}

/** What ffmpeg is told, so that it reports on its output: four times a second. */
export const progressArguments: readonly string[] = [
  "-progress",
  "pipe:1",
  "-stats_period",
  "0.25",
];

/** Reads what `-progress` writes: lines `key=value`, a block of which ends with `progress=…`. */
export class ProgressReader {
  readonly #durationMs: number | undefined;
  readonly #onProgress: (progress: MediaProgress) => void;
  readonly #startedAt = performance.now();
  #rest = "";
  #values = new Map<string, string>();

  constructor(durationMs: number | undefined, onProgress: (progress: MediaProgress) => void) {
    this.#durationMs = durationMs;
    this.#onProgress = onProgress;
  }

  add(chunk: Buffer): void {
    const lines = `${this.#rest}${chunk.toString("latin1")}`.split("\n");
    this.#rest = lines.pop()!.slice(-1024);
    for (const line of lines) {
      const at = line.indexOf("=");
      if (at < 0) continue;
      this.#values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
      if (line.startsWith("progress=")) this.#tell(line.endsWith("=end"));
    }
  }

  #tell(ended: boolean): void {
    const microseconds = Number(this.#values.get("out_time_us") ?? this.#values.get("out_time_ms"));
    const timeMs = Math.max(0, microseconds > 0 ? microseconds / 1000 : 0);
    const speed = Number.parseFloat(this.#values.get("speed") ?? "");
    const durationMs = this.#durationMs;
    const share = durationMs === undefined ? undefined : (timeMs / durationMs) * 100;
    const percent = ended && durationMs !== undefined ? 100 : share && Math.min(100, share);
    this.#onProgress({
      timeMs,
      outputBytes: Number(this.#values.get("total_size")) || 0,
      elapsedMs: performance.now() - this.#startedAt,
      ...(percent !== undefined && { percent }),
      ...(Number.isFinite(speed) && { speed }),
    });
  }
}
