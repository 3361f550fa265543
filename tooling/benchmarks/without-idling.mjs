// A core that has nothing to do is halted, and takes longer to wake up than a question to a server on this machine takes to be
// answered: who asks one question at a time would measure that, and by chance one rival and not the other.
import { fork } from "node:child_process";
import { availableParallelism, constants, setPriority } from "node:os";

/** Runs work while processes of the lowest priority keep every core awake. */
export async function withoutIdling(work) {
  const spinners = Array.from({ length: availableParallelism() }, () =>
    fork(new URL("without-idling/spin.mjs", import.meta.url)),
  );
  try {
    for (const { pid } of spinners) setPriority(pid, constants.priority.PRIORITY_LOW);
    return await work();
  } finally {
    for (const spinner of spinners) spinner.kill("SIGKILL");
  }
}
