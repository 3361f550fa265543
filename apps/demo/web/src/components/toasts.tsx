import { useEffect, useState } from "preact/hooks";

import { messageOf } from "../api/problem-error.js";
import { closeToast, showToast, toasts, type Toast } from "../state/toasts.js";
import { Button, IconButton } from "./button.js";

import "./toasts.css";

const plainMs = 5_000;
const withActionMs = 12_000;

/** The messages at the foot of the page. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-label="Messages">
      {toasts.value.map((toast) => (
        <Message key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Message({ toast }: { readonly toast: Toast }) {
  const { id, text, tone, action } = toast;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    // it stays for who reads it or is about to press its button
    if (held) return undefined;
    const timer = setTimeout(() => closeToast(id), action ? withActionMs : plainMs);
    return () => clearTimeout(timer);
  }, [id, action, held]);
  async function run(): Promise<void> {
    closeToast(id);
    try {
      await action?.run();
    } catch (error) {
      showToast(messageOf(error), { tone: "error" });
    }
  }
  return (
    <div
      class={`toast toast-${tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <span>{text}</span>
      {action && (
        <Button small variant="quiet" onClick={() => void run()}>
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => closeToast(id)} />
    </div>
  );
}
