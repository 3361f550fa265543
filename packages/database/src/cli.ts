#!/usr/bin/env node
import { runDatabaseCommand } from "./database-command.js";

process.exitCode = await runDatabaseCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
