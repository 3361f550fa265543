import { useState } from "preact/hooks";

import { accounts } from "../../api/api.js";
import { readMe } from "../../api/request.js";
import { Button } from "../../components/button.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";
import { CodeForm } from "./code-form.js";
import { EntryPage, useNext } from "./entry-page.js";

export function LogInPage() {
  const next = useNext();
  const [challenge, setChallenge] = useState<string>();
  const { busy, message, fields, onSubmit } = useSubmit(async (field) => {
    const result = await accounts.logIn({ email: field("email"), password: field("password") });
    if (result.status === "second-factor") setChallenge(result.challenge);
    else await readMe();
  });
  if (challenge !== undefined) {
    return <CodeForm challenge={challenge} onBack={() => setChallenge(undefined)} />;
  }
  return (
    <EntryPage title="Welcome back" lead="Log in to see your albums.">
      <form onSubmit={onSubmit}>
        {message !== undefined && <Notice tone="error">{message}</Notice>}
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          error={fields["email"]}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          error={fields["password"]}
        />
        <Button variant="primary" type="submit" busy={busy}>
          Log in
        </Button>
      </form>
      <p class="small">
        You are new here? <a href={`/sign-up${next}`}>Create an account</a>
      </p>
    </EntryPage>
  );
}
