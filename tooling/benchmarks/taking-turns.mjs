// Rivals that live at the same time, each in a process of its own, and take turns of some milliseconds: what else the
// machine does reaches all of them, and none pays for what another has loaded.
import { fork } from "node:child_process";
import { once } from "node:events";

/**
 * Contestants of a bench that are measured together, once in each round, by whoever's turn is first.
 *
 * @param each `[{ name, group }]`
 * @param work `answers()` resolves to the answer of each, `measure()` to the `{ value, note }` of each
 */
export function together(each, { answers, measure }) {
  const measured = each.map(() => []);
  let answered;
  return each.map(({ name, group }, at) => ({
    name,
    group,
    answer: async () => (await (answered ??= answers()))[at],
    async measure() {
      if (measured[at].length === 0) {
        for (const [of, result] of (await measure()).entries()) measured[of].push(result);
      }
      return measured[at].shift();
    },
  }));
}

/**
 * Starts a module in a process for each list of arguments, and ends them all after `use(rivals)`. Such a process sends a
 * message when it is ready, answers each message with one, and ends when it is disconnected.
 */
export async function withRivals(module, argumentLists, use) {
  const rivals = argumentLists.map((args) => new Rival(module, args));
  try {
    for (const rival of rivals) await rival.ready;
    return await use(rivals);
  } finally {
    await Promise.all(rivals.map((rival) => rival.end()));
  }
}

/** What each rival answers to a question, turn by turn; every other turn the last goes first. */
export async function takeTurns(rivals, question, { turns, forMs = 0, warmUp = 1 }) {
  const answers = rivals.map(() => []);
  const order = [...rivals.entries()];
  const endMs = performance.now() + forMs;
  for (let turn = 0; turn < turns + warmUp || performance.now() < endMs; turn += 1) {
    for (const [at, rival] of order) answers[at].push(await rival.ask(question));
    order.reverse();
  }
  // the first turns are those of the compiler
  return answers.map((each) => each.slice(warmUp));
}

class Rival {
  #child;
  #exit;
  #failed;

  constructor(module, args) {
    this.#child = fork(module, args);
    this.#exit = once(this.#child, "exit");
    this.#failed = this.#exit.then(([code]) => {
      throw new Error(`${module} ${args.join(" ")} ended with ${code} before it answered`);
    });
    this.#failed.catch(() => {});
    this.ready = this.#message();
    this.ready.catch(() => {});
  }

  ask(question) {
    const answer = this.#message();
    this.#child.send(question);
    return answer;
  }

  async end() {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }

  async #message() {
    const [message] = await Promise.race([once(this.#child, "message"), this.#failed]);
    return message;
  }
}
