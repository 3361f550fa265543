// Builds the reference app and runs it in this very process, so that every variable and every signal reaches it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { runTurbo } from "./turbo.mjs";

const demo = join(import.meta.dirname, "..", "..", "apps", "demo");
const status = runTurbo(["build", "template", "--filter=@infra/demo", "--output-logs=errors-only"]);
if (status !== 0) process.exit(status);

process.setSourceMapsEnabled(true);
process.chdir(demo);
await import(pathToFileURL(join(demo, "dist", "main.js")).href);
