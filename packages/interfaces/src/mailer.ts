/** An e-mail. */
export interface Mail {
  readonly to: string | readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  readonly html?: string | undefined;
  /** @default the mailer's own */
  readonly from?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Sends e-mail. */
export interface Mailer {
  /** Resolves when the mail was taken over for delivery. A line break in an address, a subject or a header is refused. */
  send(mail: Mail, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
