import { signal, type ReadonlySignal } from "@preact/signals";

import type { AlbumEvent, Comment } from "../../../src/contract.js";
import { comments } from "../api/api.js";
import { messageOf } from "../api/problem-error.js";

/** The comments of a photo, kept up to date by what happens. */
export interface Thread {
  /** `undefined` until they were read. */
  readonly list: ReadonlySignal<readonly Comment[] | undefined>;
  readonly error: ReadonlySignal<string | undefined>;
  readonly read: () => Promise<void>;
  readonly add: (text: string) => Promise<void>;
  readonly remove: (commentId: string) => Promise<void>;
  readonly apply: (event: AlbumEvent) => void;
}

export function createThread(photoId: string): Thread {
  const list = signal<readonly Comment[] | undefined>(undefined);
  const error = signal<string | undefined>(undefined);

  function put(found: readonly Comment[]): void {
    const byId = new Map([...(list.value ?? []), ...found].map((each) => [each.id, each]));
    list.value = [...byId.values()].toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  function drop(commentId: string): void {
    list.value = list.value?.filter(({ id }) => id !== commentId);
  }

  return {
    list,
    error,
    async read() {
      error.value = undefined;
      try {
        put(await comments.list(photoId));
      } catch (thrown) {
        error.value = messageOf(thrown);
      }
    },
    async add(text) {
      put([await comments.add(photoId, text)]);
    },
    async remove(commentId) {
      await comments.remove(commentId);
      drop(commentId);
    },
    apply(event) {
      if (event.kind === "comment" && event.comment.photoId === photoId) put([event.comment]);
      if (event.kind === "comment-removed") drop(event.commentId);
    },
  };
}
