import {
  tokens,
  type Inject,
  type Logger,
  type Mail,
  type Mailer,
  type Token,
} from "@infra/interfaces";

/** Prints mail, for a laptop. In production bind a `Mailer` to `tokens.mailer` that sends it. */
export class PrintedMail implements Mailer {
  static readonly provides: Token<Mailer> = tokens.mailer;
  static readonly inject: Inject<typeof PrintedMail> = { logger: tokens.logger };
  readonly #logger: Logger;

  constructor(deps: { readonly logger: Logger }) {
    this.#logger = deps.logger.child({ category: "mail" });
  }

  async send({ to, subject, text }: Mail): Promise<void> {
    this.#logger.info(`mail to ${[to].flat().join(", ")}: ${subject}\n\n${text}`);
  }
}
