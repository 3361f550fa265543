// node contestant.mjs ms SPECIFIER...: sends how long it took to import these.
// node contestant.mjs left SPECIFIER LIBRARY...: sends what the import leaves behind, once its libraries are there.
const [wanted, ...specifiers] = process.argv.slice(2);

// the first import() of a process loads what all of them need
await import("./nothing.mjs");
process.send(await (wanted === "left" ? left(...specifiers) : took()));

async function took() {
  const startMs = performance.now();
  for (const specifier of specifiers) await import(specifier);
  return performance.now() - startMs;
}

async function left(specifier, ...libraries) {
  for (const library of libraries) await import(library);
  const before = new Set(state());
  await import(specifier);
  return state().filter((each) => !before.has(each));
}

/** What work at import time would show in. */
function state() {
  return [
    ...process.getActiveResourcesInfo().map((name, at) => `resource ${at}: ${name}`),
    ...process.eventNames().map((name) => `${process.listenerCount(name)} × ${String(name)}`),
    ...Object.entries(process.env).map((variable) => variable.join("=")),
    ...Reflect.ownKeys(globalThis)
      .map((key) => `global ${String(key)}`)
      // how copies of a package find each other
      .filter((key) => !key.startsWith("global Symbol(infra.")),
  ];
}
