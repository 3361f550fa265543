/** Where a request stands in a distributed trace: W3C Trace Context. */
export interface TraceContext {
  /** 32 hexadecimal digits, the same for the whole trace. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's span. */
  readonly parentId: string;
  /** Whether the caller records this trace. */
  readonly sampled: boolean;
  /** The header as it came in, to be passed on. */
  readonly traceparent: string;
  /** The vendors' part, to be passed on; `undefined` when there is none. */
  readonly tracestate?: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent` header; `undefined` when it is missing or breaks the standard. */
export function parseTraceparent(
  traceparent: string | readonly string[] | undefined,
  tracestate?: string | readonly string[],
): TraceContext | undefined {
  if (typeof traceparent !== "string") return undefined;
  const [, version, traceId, parentId, flags, rest] = pattern.exec(traceparent) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && rest !== undefined)) {
    return undefined;
  }
  if (/^0+$/.test(traceId!) || /^0+$/.test(parentId!)) return undefined;
  const state = typeof tracestate === "object" ? tracestate.join(",") : tracestate;
  return {
    traceId: traceId!,
    parentId: parentId!,
    sampled: (Number.parseInt(flags!, 16) & 1) === 1,
    traceparent,
    ...(state && { tracestate: state }),
  };
}
