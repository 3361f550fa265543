// node contestant.mjs LIBRARY WORK answer|measure: sends what one operation makes, or how many a second.
import { best } from "../../own-process.mjs";

const [library, work, wanted] = process.argv.slice(2);
const { works, ask } = await import(
  library === "tsyringe" ? "./with-tsyringe.mjs" : "./with-infra.mjs"
);
const operation = works[work]();
process.send(wanted === "answer" ? await answer() : await measure());

async function answer() {
  const made = await operation();
  if (work === "verify") return made.graph().nodes.length;
  if (work === "5 services") return [drawn(ask(made)), ask(made) === ask(made)];
  return [drawn(made), made === (await operation())];
}

/** The names of the classes of an object and of what it holds. */
function drawn(value) {
  if (typeof value !== "object") return value;
  const held = Object.entries(value).map(([key, each]) => [key, drawn(each)]);
  return [value.constructor.name, Object.fromEntries(held)];
}

function measure() {
  // the first: nobody verifies twice
  if (work === "verify") return perSecond(1);
  const count = { "6 objects": 50_000, singleton: 1_000_000 }[work] ?? 10_000;
  return best(() => perSecond(count), { forMs: 300 });
}

async function perSecond(count) {
  let made;
  const startMs = performance.now();
  if (work === "scope") for (let at = 0; at < count; at += 1) made = await operation();
  else for (let at = 0; at < count; at += 1) made = operation();
  const tookMs = performance.now() - startMs;
  if (made === undefined) throw new Error("nothing was made");
  return (1000 * count) / tookMs;
}
