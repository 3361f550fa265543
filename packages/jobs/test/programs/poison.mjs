// A sandboxed job that does what its payload says.
export default async function poison({ payload, progress, log }) {
  switch (payload) {
    case "exit":
      return process.exit(3);
    case "memory": {
      const hoard = [];
      for (;;) hoard.push(Array.from({ length: 100_000 }, () => hoard.length));
    }
    case "buffers": {
      const hoard = [];
      for (;;) {
        hoard.push(Buffer.alloc(16 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    case "loop":
      for (;;);
    case "loop for ever":
      progress(process.pid);
      // it is told before the loop begins
      await new Promise((resolve) => void setImmediate(resolve));
      for (;;);
    case "throw":
      throw Object.assign(new Error("thrown in the sandbox"), { retryable: false, code: "ERR_X" });
    default:
      progress({ half: true });
      log("from the sandbox");
      return { pid: process.pid, payload };
  }
}
