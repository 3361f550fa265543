import { useRef } from "preact/hooks";

import { Button } from "../../components/button.js";
import { useSubmit } from "../../components/use-submit.js";
import type { Thread } from "../../state/thread.js";

/** Enter sends, Shift and Enter begin a new line. */
export function CommentForm({ thread }: { readonly thread: Thread }) {
  const form = useRef<HTMLFormElement>(null);
  const { busy, message, onSubmit } = useSubmit(async (field) => {
    const text = field("text").trim();
    if (text === "") return;
    await thread.add(text);
    form.current?.reset();
  });
  return (
    <form ref={form} class="comment-form" onSubmit={onSubmit}>
      {message !== undefined && (
        <p class="field-error" role="alert">
          {message}
        </p>
      )}
      <textarea
        class="input"
        name="text"
        rows={1}
        maxLength={2000}
        placeholder="Write a comment"
        aria-label="Write a comment"
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          form.current?.requestSubmit();
        }}
      />
      <Button variant="primary" type="submit" busy={busy}>
        Send
      </Button>
    </form>
  );
}
