import { useRef, useState } from "preact/hooks";

import { Button } from "../../components/button.js";
import { Field } from "../../components/field.js";

import "./copy-field.css";

interface CopyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint: string;
}

/** Something to copy, shown so that it can be copied by hand too. */
export function CopyField({ label, value, hint }: CopyFieldProps) {
  const [copied, setCopied] = useState("");
  const box = useRef<HTMLDivElement>(null);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(value);
    } catch {
      // not allowed here: it is marked, and the keyboard does it
      box.current?.querySelector("input")?.select();
    }
  }
  return (
    <div ref={box} class="copy-field">
      <Field
        label={label}
        value={value}
        readOnly
        hint={hint}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Button
        icon={copied === value ? "check" : "copy"}
        aria-live="polite"
        onClick={() => void copy()}
      >
        {copied === value ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
