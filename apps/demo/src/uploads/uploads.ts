import { DatabaseService } from "@infra/database";
import { NotFoundError, ValidationError } from "@infra/errors";
import { section, type Inject } from "@infra/interfaces";
import { VideoService } from "@infra/processor/video";
import { StorageService } from "@infra/storage";
import { formatBytes, uuidv7 } from "@infra/utils";

import { appConfig, type AppConfig } from "../app-config.js";
import type { Me, NewUpload, Upload } from "../contract.js";

/** An upload, as the database knows it. */
export interface UploadRow {
  readonly id: string;
  readonly album_id: string;
  readonly by_id: string;
  readonly name: string;
  /** Text, since it is a bigint. */
  readonly bytes: string;
  readonly part_bytes: number;
}

interface Dependencies {
  readonly database: DatabaseService;
  readonly storage: StorageService;
  readonly videos: VideoService;
}

/** What the parts of an upload are kept below. */
export const partsOf = (uploadId: string): string => `uploads/${uploadId}/`;
/** Where one is. Numbers of one length are in their order. */
export const partOf = (uploadId: string, part: number): string =>
  partsOf(uploadId) + String(part).padStart(6, "0");

/** Uploads in parts: which have come is what lies in the storage, so that any process can go on with one. */
export class Uploads {
  static readonly inject: Inject<typeof Uploads> = {
    options: section(appConfig),
    database: DatabaseService,
    storage: StorageService,
    videos: VideoService,
  };

  readonly #options: AppConfig;
  readonly #deps: Dependencies;

  constructor(options: AppConfig, deps: Dependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** What may come in. */
  async limits(): Promise<Me["limits"]> {
    const { maxImageSize, maxVideoSize } = this.#options;
    const videos = await this.#deps.videos.available();
    return { maxBytes: videos ? Math.max(maxImageSize, maxVideoSize) : maxImageSize, videos };
  }

  /** @throws ValidationError for what can't be taken, before anything is sent. */
  async begin(byId: string, { albumId, name, size, type }: NewUpload): Promise<Upload> {
    const { maxImageSize, maxVideoSize, partSize } = this.#options;
    const isVideo = type.startsWith("video/");
    if (isVideo && !(await this.#deps.videos.available())) throw noVideos();
    checkSize(size, isVideo ? maxVideoSize : maxImageSize);
    const id = uuidv7();
    const upload = { id, album_id: albumId, by_id: byId, name, bytes: size, part_bytes: partSize };
    await this.#deps.database.table("uploads").insert(upload);
    return { id, albumId, name, size, partSize, received: [] };
  }

  /** One's own. */
  async find(id: string, byId: string): Promise<UploadRow | undefined> {
    const { database } = this.#deps;
    return await database.table<UploadRow>("uploads").where({ id, by_id: byId }).first();
  }

  /** One's own. @throws NotFoundError */
  async row(id: string, byId: string): Promise<UploadRow> {
    const row = await this.find(id, byId);
    if (!row) throw new NotFoundError("there is no such upload");
    return row;
  }

  async status({ id, album_id, name, bytes, part_bytes }: UploadRow): Promise<Upload> {
    const received: number[] = [];
    for await (const { fileId } of this.#deps.storage.listAll({ prefix: partsOf(id) })) {
      received.push(Number(fileId.slice(partsOf(id).length)));
    }
    const size = Number(bytes);
    return { id, albumId: album_id, name, size, partSize: part_bytes, received };
  }

  /** Stores a part, whole or not at all. @throws ValidationError for one that there is not, or of another length. */
  async put(
    { id, bytes, part_bytes }: UploadRow,
    part: number,
    content: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const sizeBytes = Math.min(part_bytes, Number(bytes) - part * part_bytes);
    if (sizeBytes <= 0) throw new ValidationError(`there is no part ${part}`);
    const contentType = "application/octet-stream";
    const { storage } = this.#deps;
    await storage.storeFile({ key: partOf(id, part), content, contentType, sizeBytes, signal });
  }

  /** Forgets it, with its parts. */
  async remove(id: string): Promise<void> {
    const { database, storage } = this.#deps;
    const parts: string[] = [];
    for await (const { fileId } of storage.listAll({ prefix: partsOf(id) })) parts.push(fileId);
    await storage.deleteMany(parts);
    await database.table("uploads").where({ id }).delete();
  }

  /** Forgets those that were begun before. How many there were. */
  async purge(before: Date): Promise<number> {
    const { database } = this.#deps;
    const old = await database.table("uploads").where("created_at", "<", before).pluck("id");
    for (const id of old) await this.remove(id as string);
    return old.length;
  }
}

/** @throws ValidationError (413) */
export function checkSize(size: number, limit: number): void {
  if (size <= limit) return;
  const message = `the file has ${formatBytes(size)}, and may have ${formatBytes(limit)}`;
  throw new ValidationError(message, { status: 413, code: "ERR_UPLOAD_TOO_LARGE" });
}

/** What a video is answered with where there is no ffmpeg. */
export function noVideos(): Error {
  return new ValidationError("videos are not taken here: the server has no ffmpeg", {
    status: 415,
    code: "ERR_UPLOAD_NO_VIDEOS",
  });
}
