import type {
  ComponentChildren,
  InputHTMLAttributes,
  PartialInputHTMLAttributes,
  PartialSelectHTMLAttributes,
} from "preact";
import { useId } from "preact/hooks";

import "./field.css";

interface Words {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with what was entered. */
  readonly error?: string | undefined;
}

/** A labelled text field, with a hint and what is wrong. */
export function Field({
  label,
  hint,
  error,
  ...input
}: Words & Omit<PartialInputHTMLAttributes<HTMLInputElement>, "label" | "role">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <input {...(input as InputHTMLAttributes)} {...described(id, hint, error)} class="input" />
    </Labelled>
  );
}

/** The same, with a choice of a few. */
export function SelectField({
  label,
  hint,
  error,
  children,
  ...select
}: Words & Omit<PartialSelectHTMLAttributes<HTMLSelectElement>, "label" | "role" | "size">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <select {...select} {...described(id, hint, error)} class="input">
        {children}
      </select>
    </Labelled>
  );
}

function described(id: string, hint: ComponentChildren, error: string | undefined) {
  const parts = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`];
  const describedBy = parts.filter(Boolean).join(" ");
  return {
    id,
    "aria-invalid": error !== undefined,
    ...(describedBy !== "" && { "aria-describedby": describedBy }),
  };
}

function Labelled({
  id,
  label,
  hint,
  error,
  children,
}: Words & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
