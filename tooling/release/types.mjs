import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { tool } from "./tool.mjs";

/**
 * Type-checks, in a consumer's folder, a CommonJS and an ES module that import every specifier, and the Usage blocks,
 * against the published declarations; writes the JavaScript of the blocks beside them.
 */
export async function checkTypes(folder, specifiers, usage, run) {
  const lines = (line) =>
    `${specifiers.map((name, at) => line(JSON.stringify(name), at)).join("\n")}\n`;
  writeFileSync(
    join(folder, "types.cts"),
    lines((name, at) => `import m${at} = require(${name});\nexport const n${at}: object = m${at};`),
  );
  writeFileSync(
    join(folder, "types.mts"),
    lines((name, at) => `import * as m${at} from ${name};\nexport const n${at}: object = m${at};`),
  );
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    // a block may use a library whose types are a package of their own
    noImplicitAny: false,
    types: ["node"],
    typeRoots: [join(import.meta.dirname, "node_modules", "@types")],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["types.cts", "types.mts", ...usage] }),
  );
  // 1 and 2 say that there are errors: those in declarations of others are not ours to mend
  const { code, stdout, stderr } = await run(
    process.execPath,
    [tool("typescript", "tsc"), "-p", ".", "--pretty", "false"],
    { cwd: folder, accept: [0, 1, 2] },
  );
  const errors = ourErrors(stdout);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  if (code !== 0 && !stdout.includes("error TS")) throw new Error(`${stdout}\n${stderr}`);
}

/** The compiler's errors but for those in other people's declarations. */
export function ourErrors(output) {
  return output
    .split("\n")
    .filter((line) => /error TS\d+/.test(line))
    .filter((line) => !/^(\S*\/)?node_modules\/(?!@infra\/)/.test(line));
}
