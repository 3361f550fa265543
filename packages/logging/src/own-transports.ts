import type { Clock, LogTransport } from "@infra/interfaces";

import { ConsoleTransport } from "./console-transport.js";
import { FileTransport } from "./file-transport.js";
import type { LoggerOptions } from "./logger-options.js";

/** The transports that a logger has by its options, before those it was given. */
export function ownTransports(options: LoggerOptions, clock: Clock): readonly LogTransport[] {
  const { console = true, format = "auto", file } = options;
  const transports: LogTransport[] = [];
  if (console) transports.push(new ConsoleTransport({ format }));
  if (file) {
    const { maxFileSize: maxSize = "100mb", maxFiles = 5, maxFileAge: maxAge = Infinity } = options;
    transports.push(new FileTransport({ path: file, maxSize, maxFiles, maxAge }, { clock }));
  }
  return transports;
}
