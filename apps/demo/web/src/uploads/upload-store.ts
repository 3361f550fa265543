import { createStore, del, get, set, values } from "idb-keyval";

/** An upload that is not complete, kept over reloads. */
export interface StoredUpload {
  /** Says which file of which album it is: the same file, dropped again, is the same upload. */
  readonly key: string;
  readonly accountId: string;
  readonly albumId: string;
  readonly name: string;
  readonly size: number;
  /** What is sent; missing where the browser had no room to keep it. */
  readonly file?: File;
  /** The server's id of it, once it has one. */
  readonly uploadId?: string;
}

// a browser without storage (a private window, say) still uploads, just not over a reload
const store = "indexedDB" in globalThis ? createStore("lightbox", "uploads") : undefined;

export const uploadKey = (accountId: string, albumId: string, file: File): string =>
  [accountId, albumId, file.name, file.size, file.lastModified].join("/");

/** Keeps it, with its file if there is room. */
export async function keepUpload(upload: StoredUpload): Promise<void> {
  if (!store) return;
  const { file: _, ...withoutFile } = upload;
  await set(upload.key, upload, store)
    .catch(() => set(upload.key, withoutFile, store))
    .catch(() => undefined);
}

export const forgetUpload = async (key: string): Promise<void> => {
  if (store) await del(key, store).catch(() => undefined);
};

export const storedUpload = async (key: string): Promise<StoredUpload | undefined> =>
  store && get<StoredUpload>(key, store).catch(() => undefined);

/** What an account has not completed. */
export async function storedUploads(accountId: string): Promise<readonly StoredUpload[]> {
  const all = store ? await values<StoredUpload>(store).catch(() => []) : [];
  return all.filter((upload) => upload.accountId === accountId);
}
