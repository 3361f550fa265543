import { accounts } from "../../api/api.js";
import { readMe } from "../../api/request.js";
import { Button } from "../../components/button.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";
import { EntryPage } from "./entry-page.js";

interface CodeFormProps {
  readonly challenge: string;
  readonly onBack: () => void;
}

/** The second step of a log-in, for accounts with a second factor. */
export function CodeForm({ challenge, onBack }: CodeFormProps) {
  const { busy, message, fields, onSubmit } = useSubmit(async (field) => {
    await accounts.confirm({ challenge, code: field("code").trim() });
    await readMe();
  });
  return (
    <EntryPage title="One more step" lead="Enter the code that your authenticator app shows.">
      <form onSubmit={onSubmit}>
        {message !== undefined && <Notice tone="error">{message}</Notice>}
        <Field
          label="Code"
          name="code"
          autoComplete="one-time-code"
          autoFocus
          required
          hint="Without the app, one of your recovery codes."
          error={fields["code"]}
        />
        <Button variant="primary" type="submit" busy={busy}>
          Continue
        </Button>
        <Button variant="quiet" onClick={onBack}>
          Back
        </Button>
      </form>
    </EntryPage>
  );
}
