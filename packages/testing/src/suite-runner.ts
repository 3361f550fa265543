type Body = () => void | Promise<void>;

/** What a contract suite needs of a test runner. */
export interface SuiteRunner {
  readonly describe: (title: string, body: () => void) => void;
  readonly it: ((title: string, body: Body, timeoutMs?: number) => void) & {
    readonly skip: (title: string, body: Body) => void;
  };
  readonly afterEach: (body: Body) => void;
}

/**
 * The runner whose tests these are: Jest's global functions, or Vitest's when it is told to have them.
 *
 * @throws an error when there are none.
 */
export function suiteRunner(): SuiteRunner {
  const runner = globalThis as unknown as Partial<SuiteRunner>;
  if (!runner.describe || !runner.it || !runner.afterEach) {
    throw new Error("a contract suite needs the global functions describe, it and afterEach");
  }
  return runner as SuiteRunner;
}
