// node contestant.mjs LIBRARY WORK answer|measure: sends what one operation makes, or how many a second.
import { best } from "../../own-process.mjs";

const cause = new RangeError("the price must be positive, got -1");
const original = Object.assign(new TypeError("order 7 has no price", { cause }), {
  code: "ERR_PRICE",
});
const json = {
  name: "TypeError",
  message: original.message,
  stack: original.stack,
  code: "ERR_PRICE",
  cause: { name: "RangeError", message: cause.message, stack: cause.stack },
};

const makers = {
  "new Error": async () => ({
    create: () => new Error("order 7 was not found", { cause }),
  }),
  "serialize-error": async () => {
    const { deserializeError, serializeError } = await import("serialize-error");
    return { serialise: () => serializeError(original), parse: () => deserializeError(json) };
  },
  "@infra/errors": async () => {
    const { fromJSON, NotFoundError, serialiseError } = await import("@infra/errors");
    return {
      create: () => new NotFoundError("order 7 was not found", { cause, details: { order: 7 } }),
      serialise: () => serialiseError(original),
      parse: () => fromJSON(json),
    };
  },
};

const [library, work, wanted] = process.argv.slice(2);
const { [work]: run } = await makers[library]();
const operation = work === "create" ? () => below(10, run) : run;
process.send(await (wanted === "answer" ? answer() : best(perSecond, { forMs: 300 })));

/** Ten calls deep, as the code of a server: most of what an error costs is its stack. */
function below(calls, make) {
  return calls === 0 ? make() : [below(calls - 1, make)][0];
}

function answer() {
  const made = operation();
  // where a new error was made differs, and what class it is
  const { name, stack } = work === "create" ? {} : made;
  return [made.message, name, stack, made.code === json.code, described(made.cause)];
}

function described({ name, message, stack }) {
  return [name, message, stack];
}

function perSecond() {
  const count = work === "create" ? 5000 : 10_000;
  let made;
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) made = operation();
  const tookMs = performance.now() - startMs;
  if (made.cause === undefined) throw new Error("the cause was lost");
  return (1000 * count) / tookMs;
}
