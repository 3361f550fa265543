import { execFile } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "@jest/globals";

import { fencedBlocks, firstBrokenClaim, readmeSection } from "./readme-blocks.js";
import { sourceFlags } from "./source-flags.js";

const run = promisify(execFile);

export function describeReadme(packageFolder, options = {}) {
  const {
    errors,
    env,
    readme: file = new URL("README.md", packageFolder),
    sections = ["Usage"],
  } = options;
  const folder = fileURLToPath(packageFolder);
  const readme = readFileSync(file, "utf8");

  describe("README", () => {
    const blocks = sections.flatMap((section) =>
      fencedBlocks(readmeSection(readme, section) ?? "", "ts").map((block, at) => [
        section,
        at + 1,
        block,
      ]),
    );
    it.each(blocks)(
      "%s, block %i runs as written and prints what it claims",
      async (_section, _number, block) => {
        const results = join(folder, "test-results");
        mkdirSync(results, { recursive: true });
        // inside the package, so that its own name and its dependencies resolve
        const work = mkdtempSync(join(results, "usage-"));
        try {
          const program = join(work, "usage.mts");
          writeFileSync(program, block);
          const { stdout } = await run(process.execPath, [...sourceFlags, program], {
            cwd: work,
            env: { ...process.env, NODE_OPTIONS: "", ...env },
            timeout: 60_000,
            killSignal: "SIGKILL",
          });
          expect({ brokenClaim: firstBrokenClaim(block, stdout), stdout }).toEqual({ stdout });
        } finally {
          rmSync(work, { recursive: true, force: true });
        }
      },
      60_000,
    );

    it.each(sections)("has a block under %s", (section) => {
      expect(blocks.map(([each]) => each)).toContain(section);
    });

    if (errors) {
      it("Errors lists exactly the codes of the package", () => {
        const rows = [
          ...(readmeSection(readme, "Errors") ?? "").matchAll(/^\| `(ERR_\w+)` +\| (.*?) +\|$/gm),
        ];
        expect(Object.fromEntries(rows.map(([, code, when]) => [code, when]))).toEqual(
          errors.codes,
        );
      });
    }
  });
}
