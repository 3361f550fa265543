import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { IconButton } from "./button.js";

import "./dialog.css";

interface DialogProps {
  readonly title: string;
  /** Called when it was closed, by whichever way: then leave it out. */
  readonly onClose: () => void;
  /** What stands in it; `close` gives the focus back to where it was. */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A native modal dialog, open as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = dialog.current!;
    opened.showModal();
    // gives the focus back
    return () => opened.close();
  }, []);
  const close = (): void => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        // what is clicked outside is the dialog's backdrop
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog-body">
        <header class="row">
          <h2 id={id}>{title}</h2>
          <div class="push">
            <IconButton icon="close" label="Close" onClick={close} />
          </div>
        </header>
        {children(close)}
      </div>
    </dialog>
  );
}
