// The public types of packages as text: api-extractor's report of every entry point.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from "@microsoft/api-extractor";

/** The entry points of a package: `{ specifier, declarations }`. */
function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, entry]) => entry.types)
    .map(([path, entry]) => ({
      specifier: path === "." ? name : `${name}${path.slice(1)}`,
      declarations: join(folder, entry.types),
    }));
}

function configOf(folder, { specifier, declarations }, work) {
  const reportFolder = join(work, specifier.replaceAll("/", "+"));
  mkdirSync(reportFolder, { recursive: true });
  return ExtractorConfig.prepare({
    configObjectFullPath: join(folder, "api-extractor.json"),
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2023",
            module: "nodenext",
            strict: true,
            skipLibCheck: true,
            types: ["node"],
            typeRoots: [join(import.meta.dirname, "node_modules", "@types")],
          },
          files: [declarations],
        },
        skipLibCheck: true,
      },
      apiReport: {
        enabled: true,
        reportFileName: "report.api.md",
        reportFolder,
        includeForgottenExports: true,
        reportTempFolder: join(reportFolder, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

/** For each package its report and what was in the way of it: `{ folder, name, report, mistakes }`. */
export function apiReports(folders, work) {
  const all = folders.map((folder) => ({ folder, entries: entriesOf(folder) }));
  const missing = all.flatMap(({ entries }) =>
    entries.filter(({ declarations }) => !existsSync(declarations)),
  );
  if (missing.length > 0) {
    throw new Error(`${missing[0].declarations} is missing: run \`pnpm build\` first`);
  }
  const prepared = all.map(({ folder, entries }) => ({
    folder,
    configs: entries.map((entry) => ({ ...entry, config: configOf(folder, entry, work) })),
  }));
  // one program for all entry points: to make it is most of the work
  const configs = prepared.flatMap((each) => each.configs.map(({ config }) => config));
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: configs
      .slice(1)
      .map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  });
  return prepared.map((each) => packageReport(each, compilerState));
}

function packageReport({ folder, configs }, compilerState) {
  const name = basename(folder);
  const mistakes = [];
  const sections = configs.map(({ specifier, config }) => {
    Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback: (message) => {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error)
          mistakes.push(`${specifier}: ${message.text}`);
      },
    });
    const text = readFileSync(config.reportFilePath, "utf8");
    const [, body] = /^```ts\n([\s\S]*?)^```$/m.exec(text);
    // every export is public, and what has no words is lint's concern
    const types = body.replaceAll(/^ *\/\/ (@public|\(undocumented\))\n/gm, "").trim();
    return `## ${specifier}\n\n\`\`\`ts\n${types}\n\`\`\`\n`;
  });
  const report = `# Public types of @infra/${name}\n\nWritten by \`pnpm api-report --write\`.\n\n${sections.join("\n")}`;
  return { folder, name, report, mistakes };
}
