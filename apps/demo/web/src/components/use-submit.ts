import { useState } from "preact/hooks";

import { messageOf, ProblemError } from "../api/problem-error.js";

/** A form on its way to the server. */
export interface Submission {
  readonly busy: boolean;
  /** Why it was refused as a whole; with the fields below it says it all. */
  readonly message: string | undefined;
  /** What is wrong with each field, by its name. */
  readonly fields: Readonly<Record<string, string>>;
  readonly onSubmit: (event: SubmitEvent) => void;
}

/** Runs a form's work once at a time, and keeps what the server said against it. */
export function useSubmit(work: (field: (name: string) => string) => Promise<void>): Submission {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const fields = error instanceof ProblemError ? error.fields : {};

  async function run(form: HTMLFormElement): Promise<void> {
    const data = new FormData(form);
    const field = (name: string): string => {
      const value = data.get(name);
      return typeof value === "string" ? value : "";
    };
    setBusy(true);
    setError(undefined);
    try {
      await work(field);
    } catch (thrown) {
      setError(thrown);
      const [wrong] = thrown instanceof ProblemError ? Object.keys(thrown.fields) : [];
      if (wrong !== undefined)
        form.querySelector<HTMLElement>(`[name="${CSS.escape(wrong)}"]`)?.focus();
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    fields,
    message: error === undefined ? undefined : messageOf(error),
    onSubmit(event) {
      event.preventDefault();
      if (!busy) void run(event.currentTarget as HTMLFormElement);
    },
  };
}
