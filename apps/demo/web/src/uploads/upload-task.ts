import { signal, type Signal } from "@preact/signals";

/**
 * Where an upload stands: `waiting` for its turn, on its way, complete, refused or given up, or `parted` from its file by a
 * reload, which the browser had no room to keep.
 */
export type UploadState = "waiting" | "sending" | "done" | "failed" | "parted";

/** An upload as the page shows it. */
export interface UploadTask {
  readonly key: string;
  readonly albumId: string;
  readonly name: string;
  readonly size: number;
  readonly file: File | undefined;
  readonly state: Signal<UploadState>;
  /** Bytes that have arrived or are on their way. */
  readonly sent: Signal<number>;
  /** Why it failed. */
  readonly failure: Signal<string | undefined>;
  readonly stop: AbortController;
}

export function createTask(
  {
    key,
    albumId,
    name,
    size,
    file,
  }: Pick<UploadTask, "key" | "albumId" | "name" | "size" | "file">,
  state: UploadState = "waiting",
): UploadTask {
  return {
    key,
    albumId,
    name,
    size,
    file,
    state: signal(state),
    sent: signal(0),
    failure: signal(undefined),
    stop: new AbortController(),
  };
}
