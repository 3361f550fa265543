import { limiter } from "@infra/promises";
import { signal } from "@preact/signals";

import type { Photo } from "../../../src/contract.js";
import { uploads } from "../api/api.js";
import { messageOf } from "../api/problem-error.js";
import { readMe } from "../api/request.js";
import { account, limits } from "../state/session.js";
import { sendFile } from "./send-file.js";
import {
  forgetUpload,
  keepUpload,
  storedUpload,
  storedUploads,
  uploadKey,
} from "./upload-store.js";
import { createTask, type UploadTask } from "./upload-task.js";

/** Every upload of this page, in the order in which they were added. */
export const tasks = signal<readonly UploadTask[]>([]);

const inTurn = limiter({ concurrency: 3 });
const uploaded = new Set<(photo: Photo) => void>();

/** Calls back with each photo that an upload became; what it returns ends that. */
export function onUploaded(listener: (photo: Photo) => void): () => void {
  uploaded.add(listener);
  return () => void uploaded.delete(listener);
}

/** Begins to upload files into an album; one that is under way already is not begun twice. */
export async function addFiles(albumId: string, files: Iterable<File>): Promise<void> {
  const accountId = account.value?.id;
  if (accountId === undefined) return;
  for (const file of files) {
    const key = uploadKey(accountId, albumId, file);
    const known = tasks.value.find((task) => task.key === key);
    if (known && known.state.value !== "done" && known.state.value !== "parted") continue;
    const task = createTask({ key, albumId, name: file.name, size: file.size, file });
    tasks.value = [...tasks.value.filter((each) => each !== known), task];
    const refusal = whyNot(file);
    if (refusal === undefined) void run(task, accountId);
    else fail(task, refusal);
  }
}

/** Goes on with what a reload interrupted. */
export async function resumeUploads(accountId: string): Promise<void> {
  for (const stored of await storedUploads(accountId)) {
    if (tasks.value.some(({ key }) => key === stored.key)) continue;
    const task = createTask({ ...stored, file: stored.file }, stored.file ? "waiting" : "parted");
    tasks.value = [...tasks.value, task];
    if (stored.file) void run(task, accountId);
  }
}

/** Tries one again that failed. */
export async function retryUpload(task: UploadTask): Promise<void> {
  const again = createTask(task);
  tasks.value = tasks.value.map((each) => (each === task ? again : each));
  const me = await readMe().catch(() => undefined);
  if (me?.account) await run(again, me.account.id);
  else fail(again, "Log in to go on.");
}

/** Gives one up, here and on the server. */
export async function cancelUpload(task: UploadTask): Promise<void> {
  tasks.value = tasks.value.filter((each) => each !== task);
  task.stop.abort();
  const stored = await storedUpload(task.key);
  await forgetUpload(task.key);
  // what stays behind is purged by the server
  if (stored?.uploadId !== undefined) await uploads.remove(stored.uploadId).catch(() => undefined);
}

/** Takes those off the list that are complete or failed for good. */
export function clearFinished(): void {
  const over = new Set(["done", "failed"]);
  for (const { key, state } of tasks.value) if (state.value === "failed") void forgetUpload(key);
  tasks.value = tasks.value.filter(({ state }) => !over.has(state.value));
}

async function run(task: UploadTask, accountId: string): Promise<void> {
  const { key, albumId, name, size, file, stop } = task;
  const record = { key, accountId, albumId, name, size, ...(file && { file }) };
  let kept = false;
  const send = async (): Promise<void> => {
    const stored = await storedUpload(key);
    if (kept && !stored) {
      // another tab was faster
      task.state.value = "done";
      return;
    }
    task.state.value = "sending";
    const photo = await sendFile(file!, {
      albumId,
      uploadId: stored?.uploadId,
      signal: stop.signal,
      onBegin: (uploadId) => keepUpload({ ...record, uploadId }),
      onProgress: (bytes) => (task.sent.value = bytes),
    });
    task.state.value = "done";
    await forgetUpload(key);
    for (const listener of uploaded) listener(photo);
  };
  try {
    if (!(await storedUpload(key))) await keepUpload(record);
    kept = (await storedUpload(key)) !== undefined;
    await inTurn(() => alone(key, send), { signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) fail(task, messageOf(error));
  }
}

/** Two tabs do not send the same file; the second one waits, and finds it sent. */
async function alone(key: string, work: () => Promise<void>): Promise<void> {
  // without TLS there are no locks, except on this very machine
  if (!("locks" in navigator)) return work();
  await navigator.locks.request(`upload ${key}`, work);
}

function fail(task: UploadTask, message: string): void {
  task.failure.value = message;
  task.state.value = "failed";
}

function whyNot({ name, size, type }: File): string | undefined {
  const { maxBytes, videos } = limits.value;
  if (size === 0) return "The file is empty.";
  if (size > maxBytes) return `The file is larger than ${Math.floor(maxBytes / 1e6)} MB.`;
  if (type.startsWith("video/") && !videos) return "This server takes no videos.";
  const wrong = type !== "" && !/^(image|video)\//.test(type);
  return wrong ? `${name} is neither a photo nor a video.` : undefined;
}
