import { fork } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a module in a process of its own, and resolves to the message that it sends. A contestant that shared a process
 * with its rival would share the compiler's knowledge of the loop that measures them.
 */
export async function inOwnProcess(module, ...args) {
  const child = fork(module, args);
  const exit = once(child, "exit");
  const failed = exit.then(([code]) => {
    throw new Error(`${module} ${args.join(" ")} ended with ${code} before it answered`);
  });
  failed.catch(() => {});
  const [message] = await Promise.race([once(child, "message"), failed]);
  await exit;
  return message;
}

/** A contestant in a process of its own, which is given the arguments and `answer` or `measure`. */
export function ownContestant(program, { name, group, args = [name] }) {
  return {
    name,
    group,
    answer: () => inOwnProcess(program, ...args, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, ...args, "measure") }),
  };
}

/** What a contestant of {@link ownContestant} would do in a second if each time took so much longer: a bar. */
export function slowed(contestant, { name, bySeconds }) {
  return {
    name,
    group: "a bar",
    answer: async () => [],
    async measure() {
      const { value } = await contestant.measure();
      return { value: 1 / (1 / value + bySeconds) };
    },
  };
}

/** The best of so many turns at least, over so long at least: what else the machine does reaches the others. */
export async function best(turn, { turns = 5, forMs = 1000 } = {}) {
  const endMs = performance.now() + forMs;
  let most = 0;
  for (let at = 0; at < turns || performance.now() < endMs; at += 1) {
    most = Math.max(most, await turn());
  }
  return most;
}
