import { spawn } from "node:child_process";

/** What a child may inherit: where things are and how the network is reached, nothing that changes what runs. */
const inherited =
  /^(PATH|HOME|USER|LANG|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|USERPROFILE|COMSPEC|PATHEXT|XDG_\w+|PNPM_HOME|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no|all)_proxy|npm_config_(registry|cache|userconfig|globalconfig|cafile|https?_proxy|proxy|noproxy))$/i;

/** The environment of a new shell: without what pnpm, npm, a test run or a developer's .env added to it. */
export function cleanEnvironment(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => inherited.test(name)));
}

/**
 * Runs a program to its end and resolves to `{ code, stdout, stderr }`.
 * Rejects with its last lines when its exit code is not one of `accept`, when `timeoutMs` have passed, or when `signal` aborts; in each case,
 * and when it ends well, whatever it left running is ended too.
 */
export function run(command, args, options) {
  const { cwd, signal, env = {}, accept = [0], timeoutMs = 120_000 } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // a process group of its own, so that its children can be ended with it
    const child = spawn(command, args, {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...cleanEnvironment(process.env), ...env },
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => (output[stream] += text));
    }
    let ended;
    const end = (reason) => {
      ended ??= reason;
      endGroup(child.pid);
    };
    const onAbort = () => end(String(signal.reason?.message ?? signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => end(`did not end within ${timeoutMs / 1000} s`), timeoutMs);
    child.once("error", reject);
    child.once("exit", () => endGroup(child.pid));
    child.once("close", (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (accept.includes(code) && ended === undefined) return resolve({ code, ...output });
      const why = ended ?? `ended with ${killedBy ?? code}`;
      reject(new Error([commandLine(command, args) + " " + why, lastLines(output)].join("\n")));
    });
  });
}

function endGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

function commandLine(command, args) {
  const shown = [command, ...args].map((word) =>
    /[\s;]/.test(word) ? JSON.stringify(word) : word,
  );
  return `\`${shown.join(" ").slice(0, 300)}\``;
}

function lastLines({ stdout, stderr }) {
  return `${stdout}\n${stderr}`.trim().split("\n").slice(-40).join("\n");
}

/** Calls `work` for every item, `width` at a time, and resolves to the results in order. */
export async function inParallel(items, width, work) {
  const results = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, item] = next;
      results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Runs `work`; an error of its says, in front, in which step it happened. */
export async function step(title, work) {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${title}: ${error.message}`, { cause: error });
  }
}
