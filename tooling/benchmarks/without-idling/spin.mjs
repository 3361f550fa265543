// Spins, and ends with the process that forked it.
process.once("disconnect", () => process.exit());
spin();

function spin() {
  const endMs = performance.now() + 50;
  while (performance.now() < endMs);
  setImmediate(spin);
}
