import { accounts } from "../../api/api.js";
import { readMe } from "../../api/request.js";
import { Button } from "../../components/button.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";
import { EntryPage, useNext } from "./entry-page.js";

export function SignUpPage() {
  const next = useNext();
  const { busy, message, fields, onSubmit } = useSubmit(async (field) => {
    await accounts.signUp({
      name: field("name"),
      email: field("email"),
      password: field("password"),
    });
    await readMe();
  });
  return (
    <EntryPage title="Create an account" lead="Albums that you share with who was there.">
      <form onSubmit={onSubmit}>
        {message !== undefined && <Notice tone="error">{message}</Notice>}
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          required
          maxLength={80}
          error={fields["name"]}
        />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          required
          error={fields["email"]}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          hint="A few words that nobody would guess are best."
          error={fields["password"]}
        />
        <Button variant="primary" type="submit" busy={busy}>
          Create account
        </Button>
      </form>
      <p class="small">
        You have one already? <a href={`/log-in${next}`}>Log in</a>
      </p>
    </EntryPage>
  );
}
