import { Readable } from "node:stream";

import type { FileContent } from "@infra/interfaces";

/** Lets go of a content that will not be read, or not to its end. */
export function letGo(content: FileContent): void {
  if (content instanceof Readable) content.destroy();
  if (content instanceof ReadableStream && !content.locked) {
    content.cancel().catch(() => undefined);
  }
}
