import type { JobEngineUnderTest } from "./job-engine/fixture.js";
import { keepingTests } from "./job-engine/keeping.js";
import { rulesTests } from "./job-engine/rules.js";
import { workingTests } from "./job-engine/working.js";
import { afterEach, describe } from "./runner.js";

export type { JobEngineUnderTest } from "./job-engine/fixture.js";

/**
 * The tests that every `JobEngine` passes.
 *
 * @param create an engine that is open, on a queue of its own; `again` opens another on the same queue; and what closes
 * them all.
 */
export function describeJobEngineContract(
  name: string,
  create: () => Promise<JobEngineUnderTest>,
): void {
  describe(`JobEngine contract: ${name}`, () => {
    const opened: JobEngineUnderTest[] = [];
    const open = async (): Promise<JobEngineUnderTest> => {
      const made = await create();
      opened.push(made);
      return made;
    };
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
    });
    keepingTests(open);
    workingTests(open);
    rulesTests(open);
  });
}
