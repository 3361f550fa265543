import { CorruptInputError, FfmpegFailedError, UnsupportedFormatError } from "../errors.js";
import type { ProgramEnd } from "./run-program.js";
import { allowedDemuxers } from "./safe-input.js";

const notAllowed = /not on whitelist|not in allowed|Protocol not found/i;
const damaged =
  /Invalid data found|moov atom not found|could not find codec parameters|End of file|Error while decoding|invalid (data|NAL|stream)|Output file is empty|does not contain any stream|truncat|corrupt|EBML header parsing failed|header damaged/i;

/** Why a program did not end well, in the words of this package. */
export function ffmpegError(program: string, { exitCode, killedBy, messages }: ProgramEnd): Error {
  if (notAllowed.test(messages)) {
    return new UnsupportedFormatError(
      `the content is of a format that is not read: ${lastLine(messages)}`,
      { details: { type: "unknown", allowed: allowedDemuxers } },
    );
  }
  if (damaged.test(messages)) {
    return new CorruptInputError(`the content can't be read: ${lastLine(messages)}`, {
      publicMessage: "The file is damaged, or no video or audio.",
    });
  }
  const how = killedBy === undefined ? `ended with ${exitCode}` : `was killed by ${killedBy}`;
  return new FfmpegFailedError(`${program} ${how}: ${lastLine(messages)}`, {
    details: {
      output: messages,
      ...(exitCode !== undefined && { exitCode }),
      ...(killedBy !== undefined && { killedBy }),
    },
  });
}

function lastLine(messages: string): string {
  return messages.split("\n").at(-1)?.trim() || "it said nothing";
}
