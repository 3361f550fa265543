import { Files, WrongKindError } from "@infra/files";

/**
 * How large a file is. Anything else at the path is refused: reading a pipe or a device may never end.
 *
 * @throws FileNotFoundError (`ERR_FILES_NOT_FOUND`), WrongKindError (`ERR_FILES_WRONG_KIND`) of `@infra/files`
 */
export async function fileSize(path: string): Promise<number> {
  const { kind, sizeBytes } = await new Files().stat(path);
  if (kind === "file") return sizeBytes;
  throw new WrongKindError(`read ${path}: it is no file but a ${kind}`, { details: { path } });
}
