import type { Mail } from "@infra/interfaces";

/** What a mail is made of. */
export interface MailContext {
  readonly to: string;
  /** What the reader brings back. */
  readonly token: string;
  /** The page to bring it to; `undefined` when none is configured. */
  readonly link: string | undefined;
}

/** The texts of the mails. */
export interface AuthMails {
  /** Asks the owner of an address to say that it is theirs. */
  verifyEmail(context: MailContext): Mail;
  /** To somebody who registers with an address that has an account already. */
  alreadyRegistered(context: Pick<MailContext, "to">): Mail;
  resetPassword(context: MailContext): Mail;
  /** Says that the password was changed. */
  passwordChanged(context: Pick<MailContext, "to">): Mail;
}

/** Plain English, plain text. */
export const defaultMails: AuthMails = {
  verifyEmail: ({ to, token, link }) => ({
    to,
    subject: "Verify your e-mail address",
    text: `Somebody, you we hope, has registered with this e-mail address. To verify that it is yours, ${call(token, link)}\n\nIf it was not you, do nothing.\n`,
  }),
  alreadyRegistered: ({ to }) => ({
    to,
    subject: "You have an account already",
    text: "Somebody, you we hope, has tried to register with this e-mail address, which has an account already. Log in, or reset your password if you have forgotten it.\n\nIf it was not you, do nothing.\n",
  }),
  resetPassword: ({ to, token, link }) => ({
    to,
    subject: "Reset your password",
    text: `Somebody, you we hope, has asked to reset the password of your account. To choose a new one, ${call(token, link)}\n\nIf it was not you, do nothing: your password stays as it is.\n`,
  }),
  passwordChanged: ({ to }) => ({
    to,
    subject: "Your password was changed",
    text: "The password of your account was changed, and all other logins were ended. If it was not you, reset your password now.\n",
  }),
};

/** In the fragment: it reaches no server's log, and no other site's as the referrer. */
export function linkTo(page: string | undefined, token: string): string | undefined {
  if (page === undefined) return undefined;
  const url = new URL(page);
  url.hash = `token=${token}`;
  return url.href;
}

function call(token: string, link: string | undefined): string {
  return link === undefined ? `enter this code:\n\n${token}` : `open this link:\n\n${link}`;
}
