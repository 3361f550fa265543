#!/usr/bin/env node
import { runConfigCommand } from "./config-command.js";

process.exitCode = await runConfigCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
