import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder that a server lives in, and how its programs are to be started. */
export interface ServerFolder {
  readonly path: string;
  readonly spawn: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly uid?: number;
    readonly gid?: number;
  };
  /** What stops the server: once it has ended the folder is removed; idempotent. */
  stopWith(end: () => Promise<void>): () => Promise<void>;
}

/** Options of {@link inServerFolder}. */
export interface ServerFolderOptions {
  /** What the folder's name begins with. */
  readonly name: string;
  /** Where programs are looked for that the server starts. */
  readonly searchPath: string;
  readonly signal?: AbortSignal | undefined;
}

// servers of databases refuse to run as root: then they run as nobody
const nobody = 65_534;

/** Starts a server in a folder of its own. When that fails or is given up, the folder is gone. */
export async function inServerFolder<Server>(
  { name, searchPath, signal }: ServerFolderOptions,
  start: (folder: ServerFolder) => Promise<Server>,
): Promise<Server> {
  signal?.throwIfAborted();
  const owner = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  const env = { PATH: searchPath, HOME: path, TMPDIR: path, LANG: "C.UTF-8" };
  try {
    if (owner.uid !== undefined) await chown(path, owner.uid, owner.gid);
    return await start({
      path,
      spawn: { ...owner, cwd: path, env },
      stopWith(end) {
        let stopped: Promise<void> | undefined;
        return () => (stopped ??= end().then(remove));
      },
    });
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    throw error;
  }
}
