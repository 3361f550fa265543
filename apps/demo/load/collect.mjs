// Collects garbage when it is told to: what is left then is what a process needs at rest.
process.on("message", () => {
  globalThis.gc();
  process.send("collected");
});
process.channel?.unref();
