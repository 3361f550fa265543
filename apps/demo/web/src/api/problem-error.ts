import type { Problem } from "../../../src/contract.js";

/** What the server refused, with its reasons (RFC 9457), or that it could not be reached. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: string;
  /** Whether the same may work later; `retry` of @infra/promises asks for it. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** What is wrong with each field, by its name. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail ?? problem.title);
    this.status = problem.status;
    this.code = problem.code ?? "";
    this.retryable = problem.status === 0 || problem.status === 429 || problem.status >= 500;
    this.retryAfterMs = retryAfterMs;
    this.fields = Object.fromEntries(
      (problem.errors ?? []).map(({ pointer = "", detail }) => [
        pointer.replace(/^\//, ""),
        detail,
      ]),
    );
  }
}

/** There was no answer. */
export function unreachable(): ProblemError {
  const detail = "The server can't be reached. Check your connection.";
  return new ProblemError({ status: 0, title: "Unreachable", detail });
}

/** Makes the error of an answer of 400 and above. */
export function problemOf(status: number, body: string, retryAfter: string | null): ProblemError {
  const seconds = Number(retryAfter ?? Number.NaN);
  return new ProblemError(parsed(status, body), Number.isNaN(seconds) ? undefined : seconds * 1000);
}

function parsed(status: number, body: string): Problem {
  try {
    return { ...(JSON.parse(body) as Problem), status };
  } catch {
    // a proxy's page, say
    return { status, title: `The server answered ${status}` };
  }
}

/** What is said to a person of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
