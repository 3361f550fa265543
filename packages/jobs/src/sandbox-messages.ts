/** What a sandboxed module is given of a job: plain data. */
export interface SandboxedJob<Payload = unknown> {
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  readonly attempt: number;
  readonly attempts: number;
  readonly tenantId: string | undefined;
  progress(value: unknown): void;
  log(line: string): void;
}

/** To the child: run this. */
export interface RunMessage {
  readonly module: string;
  readonly job: Omit<SandboxedJob, "progress" | "log">;
}

/** From the child. */
export type ChildMessage =
  | { readonly type: "progress"; readonly value: unknown }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "completed"; readonly result: unknown }
  | { readonly type: "failed"; readonly error: PlainError };

/** An error on its way between processes. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly retryable?: boolean | undefined;
}
