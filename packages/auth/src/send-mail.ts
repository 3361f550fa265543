import type { Mail } from "@infra/interfaces";

import { needed, type AuthParts } from "./auth-parts.js";

/**
 * Whether mail can be sent at all: asked before anything is looked up, so that the answer is the same for everybody.
 *
 * @throws NotConfiguredError (`ERR_AUTH_NOT_CONFIGURED`), TooMuchPendingError (`ERR_AUTH_TOO_MUCH_PENDING`).
 */
export function checkMail({ deps, background }: AuthParts, what: string): void {
  needed(deps.mailer, "mailer", what);
  background.checkRoom();
}

/**
 * Sends mail that a request does not wait for: how long it takes would say whether there is an account. What goes wrong is
 * an event and a line in the log.
 *
 * @throws NotConfiguredError (`ERR_AUTH_NOT_CONFIGURED`), TooMuchPendingError (`ERR_AUTH_TOO_MUCH_PENDING`).
 */
export function sendLater(
  { deps, background, events, logger }: AuthParts,
  accountId: string | undefined,
  prepare: () => Promise<Mail | undefined>,
): void {
  const mailer = needed(deps.mailer, "mailer", "a mail");
  background.run(async () => {
    try {
      const mail = await prepare();
      if (mail) await mailer.send(mail);
    } catch (error) {
      events.emit("mail-failed", { accountId });
      logger.error("a mail was not sent", { error, accountId });
    }
  });
}
