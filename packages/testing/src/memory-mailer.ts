import type { Mail, Mailer } from "@infra/interfaces";

/** A mailer that keeps what it is given, for tests that read their mail. */
export class MemoryMailer implements Mailer {
  readonly #mails: Mail[] = [];
  readonly #waiting = new Set<() => void>();

  /** What was sent, the oldest first. */
  get mails(): readonly Mail[] {
    return this.#mails;
  }

  async send(
    mail: Mail,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    const { subject, to, from = "", replyTo = "", headers = {} } = mail;
    const lines = [subject, ...[to].flat(), from, replyTo, ...Object.entries(headers).flat()];
    if (lines.some((line) => /[\r\n]/.test(line))) {
      throw new TypeError("MemoryMailer: an address, a subject or a header has a line break");
    }
    this.#mails.push(structuredClone(mail));
    for (const look of this.#waiting) look();
  }

  /** The latest mail to an address, as soon as there is one that was not taken before. */
  async take(to: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Mail> {
    signal?.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(look);
        signal?.removeEventListener("abort", abort);
      };
      const look = (): void => {
        const at = this.#mails.findLastIndex((mail) => [mail.to].flat().includes(to));
        if (at < 0) return;
        end();
        resolve(this.#mails.splice(at, 1)[0]!);
      };
      const abort = (): void => {
        end();
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", abort);
      this.#waiting.add(look);
      look();
    });
  }

  /** Forgets them all. */
  clear(): void {
    this.#mails.length = 0;
  }
}
