import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";

import { FormError } from "./errors.js";

/** A form as it came in, as far as the file. */
export interface UploadedForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Readable;
  /** What the browser says the file is. */
  readonly fileType: string;
}

/**
 * Reads a form of `multipart/form-data` as far as its file, which streams. All fields come before it.
 *
 * @throws FormError (`ERR_STORAGE_FORM`) when it is no such form.
 */
export function readForm(request: IncomingMessage): Promise<UploadedForm> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void =>
      reject(
        new FormError(`the upload is not the form that was expected: ${why}`, {
          publicMessage: `The upload is not the form that was expected: ${why}.`,
          ...(cause !== undefined && { cause }),
        }),
      );
    const type = request.headers["content-type"] ?? "";
    if (!/^multipart\/form-data\s*;/i.test(type)) return fail("it is no multipart/form-data");
    const fields = new Map<string, string>();
    let form: BusboyInstance;
    try {
      form = new Busboy({
        headers: request.headers as BusboyHeaders,
        limits: { fields: 20, fieldSize: 16 * 1024, files: 1, headerPairs: 20 },
        isPartAFile: (name) => name === "file",
      });
    } catch (error) {
      return fail((error as Error).message, error);
    }
    let current: Readable | undefined;
    form.on("field", (name, value) => void fields.set(name.toLowerCase(), value));
    form.on("file", (_name, file, _filename, _encoding, fileType) => {
      current = file;
      resolve({ fields: new Map(fields), file, fileType });
    });
    form.on("finish", () => fail("it has no field named file"));
    const broken = (error: Error): void => {
      // a form that breaks off must not look like a file that ends
      current?.destroy(error);
      fail(error.message, error);
    };
    form.on("error", (error) => broken(error as Error));
    request.once("error", broken);
    request.once("close", () => {
      if (!request.complete) broken(new Error("the connection was closed"));
    });
    request.pipe(form);
  });
}
