// A sandboxed job that does what its payload says.
export default function poison({ payload }) {
  if (payload === "exit") process.exit(3);
  const hoard = [];
  for (;;)
    if (payload === "memory") hoard.push(Array.from({ length: 100_000 }, () => hoard.length));
}
