import { negotiate } from "@fastify/accept-negotiator";
import type { ProblemDetails } from "@infra/errors";

/** What a client is sent for a problem. */
export interface ErrorAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const types = ["application/problem+json", "application/json", "text/html", "text/plain"];

/**
 * A problem in the form that the client prefers: problem details as JSON, unless it asks for a page or for text and not,
 * as much, for JSON.
 *
 * @param redact goes over every text in it that is not the same for all problems of its kind.
 */
export function answerOf(
  problem: ProblemDetails,
  accept: string | undefined,
  redact?: (text: string) => string,
): ErrorAnswer {
  const shown = redact ? redacted(problem, redact) : problem;
  const type = accept === undefined || accept === "*/*" ? types[0] : preferred(accept);
  const headers = {
    ...(shown.retryAfter !== undefined && { "retry-after": String(shown.retryAfter) }),
    vary: "accept",
  };
  if (type === "text/html") {
    return {
      headers: { ...headers, "content-type": "text/html; charset=utf-8" },
      body: page(shown),
    };
  }
  if (type === "text/plain") {
    return {
      headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
      body: `${shown.status} ${shown.title}: ${shown.detail}\n`,
    };
  }
  return {
    headers: { ...headers, "content-type": "application/problem+json; charset=utf-8" },
    body: JSON.stringify(shown),
  };
}

function preferred(accept: string): string | null {
  try {
    return negotiate(accept, types);
  } catch {
    return null;
  }
}

function redacted(problem: ProblemDetails, redact: (text: string) => string): ProblemDetails {
  return {
    ...problem,
    detail: redact(problem.detail),
    ...(problem.errors && {
      errors: problem.errors.map(({ pointer, detail }) => ({ pointer, detail: redact(detail) })),
    }),
  };
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (each) => entities[each]!);
}

function page({ status, title, detail, instance, code }: ProblemDetails): string {
  const heading = `${status} ${text(title)}`;
  const id = instance === undefined ? "" : ` · ${text(instance)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${heading}</title>
<h1>${heading}</h1>
<p>${text(detail)}</p>
<p><small>${text(code)}${id}</small></p>
</html>
`;
}
