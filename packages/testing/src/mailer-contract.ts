import { deepEqual, equal, rejects } from "node:assert/strict";

import type { Mail, Mailer } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";

/** A mailer, and what became of its mail. */
export interface MailerUnderTest {
  readonly mailer: Mailer;
  /** What was handed over for delivery, the oldest first. */
  readonly read: () => readonly Mail[] | Promise<readonly Mail[]>;
  /** Ends what the test needed beside the mailer. */
  readonly close?: () => void | Promise<void>;
}

/**
 * What every `Mailer` has to do.
 *
 * @param create a new one that has not sent anything.
 */
export function describeMailerContract(
  name: string,
  create: () => MailerUnderTest | Promise<MailerUnderTest>,
): void {
  describe(`Mailer contract: ${name}`, () => {
    const opened: MailerUnderTest[] = [];
    const open = async (): Promise<MailerUnderTest> => {
      const made = await create();
      opened.push(made);
      return made;
    };
    afterEach(async () => {
      for (const { close } of opened.splice(0)) await close?.();
    });
    const mail: Mail = {
      to: "ada@example.org",
      subject: "größe 🙂",
      text: "Hello,\nand goodbye.",
      html: "<p>Hello</p>",
    };

    it("send() hands a mail over before it resolves, as it is", async () => {
      const { mailer, read } = await open();
      await mailer.send(mail);
      const [sent, ...more] = await read();
      equal(more.length, 0);
      deepEqual([sent!.to].flat(), [mail.to]);
      for (const part of ["subject", "text", "html"] as const) equal(sent![part], mail[part]);
    });

    it("send() sends to several", async () => {
      const { mailer, read } = await open();
      await mailer.send({ ...mail, to: ["ada@example.org", "bob@example.org"] });
      const to = (await read()).flatMap((sent) => sent.to);
      deepEqual([...to].toSorted(), ["ada@example.org", "bob@example.org"]);
    });

    it("Trap: send() refuses a line break in an address, a subject or a header, and sends nothing", async () => {
      const { mailer, read } = await open();
      for (const broken of [
        { to: "ada@example.org\r\nBcc: eve@example.org" },
        { to: ["ada@example.org", "bob@example.org\nBcc: eve@example.org"] },
        { subject: "hello\nBcc: eve@example.org" },
        { from: "ada@example.org\rBcc: eve@example.org" },
        { replyTo: "ada@example.org\nBcc: eve@example.org" },
        { headers: { "x-note": "a\r\nBcc: eve@example.org" } },
        { headers: { "x-note\nBcc": "eve@example.org" } },
      ]) {
        await rejects(mailer.send({ ...mail, ...broken }), JSON.stringify(broken));
      }
      equal((await read()).length, 0);
    });

    it("send() gives up when its signal is aborted, and sends nothing", async () => {
      const { mailer, read } = await open();
      const signal = AbortSignal.abort(new Error("enough"));
      await rejects(mailer.send(mail, { signal }), /enough/);
      equal((await read()).length, 0);
    });
  });
}
