import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const testing = here("../../packages/testing/src");

/** The jest configuration of one package. @param {string} url import.meta.url of its jest.config.js */
export function preset(url) {
  return {
    rootDir: fileURLToPath(new URL(".", url)),
    testEnvironment: "node",
    // '@infra/source' makes workspace packages resolve to their sources, so nothing has to be built first.
    testEnvironmentOptions: { customExportConditions: ["@infra/source", "node", "node-addons"] },
    // engines and processes have to start, on a busy machine too
    testTimeout: 30_000,
    testMatch: ["<rootDir>/test/**/*.test.ts"],
    extensionsToTreatAsEsm: [".ts"],
    moduleNameMapper: {
      // './x.js' in a TypeScript source means './x.ts'; a dependency's own './x.js' stays as it is.
      "^(\\.{1,2}/.*)\\.js$": ["$1.ts", "$1.js"],
      // Found by path: a declared dependency would be a cycle (tooling/tsconfig/dev.json).
      "^@infra/testing$": `${testing}/index.ts`,
      "^@infra/testing/(.*)$": `${testing}/$1.ts`,
    },
    transform: {
      "^.+\\.ts$": [
        fileURLToPath(import.meta.resolve("@swc/jest")),
        {
          jsc: {
            target: "es2023",
            parser: { syntax: "typescript", decorators: true },
            transform: {
              legacyDecorator: true,
              decoratorMetadata: true,
              useDefineForClassFields: true,
            },
            keepClassNames: true,
          },
          module: { type: "es6" },
          sourceMaps: "inline",
        },
      ],
    },
    reporters: ["default", here("./reporter.js")],
    coverageProvider: "v8",
    collectCoverageFrom: ["src/**/*.ts"],
    coverageReporters: ["text-summary", "lcovonly", "json-summary"],
  };
}
