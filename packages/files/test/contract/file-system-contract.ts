import { describe } from "@jest/globals";

import { describeDirectories } from "./directories.js";
import { describeLinks } from "./links.js";
import { describeLocking } from "./locking.js";
import { describeReading } from "./reading.js";
import { describeWatching } from "./watching.js";
import { workspaceOf, type Subject } from "./workspace.js";
import { describeWriting } from "./writing.js";

/** What every file system has to do. */
export function describeFileSystemContract(title: string, create: () => Promise<Subject>): void {
  describe(`${title}, by contract`, () => {
    const space = workspaceOf(create);
    describeWriting(space);
    describeReading(space);
    describeDirectories(space);
    describeLinks(space);
    describeWatching(space);
    describeLocking(space);
  });
}
