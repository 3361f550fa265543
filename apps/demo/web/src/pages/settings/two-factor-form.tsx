import { Button } from "../../components/button.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";

interface TwoFactorFormProps {
  readonly action: string;
  readonly onCode: (code: string) => Promise<void>;
  readonly onCancel: () => void;
}

/** Asks for the code that the app shows. */
export function TwoFactorForm({ action, onCode, onCancel }: TwoFactorFormProps) {
  const { busy, message, fields, onSubmit } = useSubmit((field) => onCode(field("code").trim()));
  return (
    <form class="stack" onSubmit={onSubmit}>
      {message !== undefined && <Notice tone="error">{message}</Notice>}
      <Field
        label="Code"
        name="code"
        required
        autoFocus
        autoComplete="one-time-code"
        inputMode="numeric"
        hint="The six digits that the app shows now."
        error={fields["code"]}
      />
      <div class="row">
        <Button variant="primary" type="submit" busy={busy}>
          {action}
        </Button>
        <Button variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
