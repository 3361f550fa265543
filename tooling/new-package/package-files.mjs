// The files of a new package, in the canonical layout and already passing.
import { canonicalFiles, canonicalManifest } from "@infra/check";

/** Path to content. @param {string} name kebab-case, without the scope @param {string} description one sentence */
export function packageFiles(name, description) {
  const camel = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const registry = `${camel}Errors`;
  const pascal = `${camel[0].toUpperCase()}${camel.slice(1)}`;
  const code = `ERR_${name.toUpperCase().replaceAll("-", "_")}_INVALID_NAME`;
  const manifest = canonicalManifest(name, {
    description,
    dependencies: { "@infra/errors": "workspace:^" },
  });
  return {
    "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
    ...canonicalFiles(name),
    "README.md": `# @infra/${name}

${description}

## Install

\`\`\`sh
npm i @infra/${name}
\`\`\`

## Usage

\`\`\`ts
import { ${camel} } from "@infra/${name}";

console.log(${camel}("world")); // => ${name}: hello, world
\`\`\`

## Errors

| code | when |
| --- | --- |
| \`${code}\` | The name was empty. |
`,
    "src/index.ts": `export { ${registry} } from "./errors.js";
export { ${camel} } from "./${name}.js";
`,
    "src/errors.ts": `import { defineErrors, ValidationError } from "@infra/errors";

/** The errors of this package. */
export const ${registry} = defineErrors({
  Invalid${pascal}NameError: {
    code: "${code}",
    when: "The name was empty.",
    extends: ValidationError,
  },
});

export const { Invalid${pascal}NameError } = ${registry}.classes;
`,
    [`src/${name}.ts`]: `import { Invalid${pascal}NameError } from "./errors.js";

/**
 * Greets somebody by name.
 *
 * @throws ${code} when the name is empty.
 */
export function ${camel}(who: string): string {
  if (who === "") {
    throw new Invalid${pascal}NameError('${camel}: who must be a non-empty string, got ""');
  }
  return \`${name}: hello, \${who}\`;
}
`,
    [`test/${name}.test.ts`]: `import { describe, expect, it } from "@jest/globals";

import { ${camel} } from "../src/index.js";

describe("${camel}()", () => {
  it("greets by name", () => {
    expect(${camel}("world")).toBe("${name}: hello, world");
  });

  it("refuses an empty name", () => {
    expect(() => ${camel}("")).toThrow("must be a non-empty string");
  });
});
`,
    "test/readme.test.ts": `import { describeReadme } from "@infra/jest-preset/readme";

import { ${registry} } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: ${registry} });
`,
  };
}
