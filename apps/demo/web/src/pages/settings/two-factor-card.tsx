import { useState } from "preact/hooks";

import type { TwoFactorSetup } from "../../../../src/contract.js";
import { accounts } from "../../api/api.js";
import { readMe } from "../../api/request.js";
import { Button } from "../../components/button.js";
import { Card } from "../../components/card.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";
import { RecoveryCodeList } from "./recovery-code-list.js";
import { TwoFactorForm } from "./two-factor-form.js";
import { TwoFactorSecret } from "./two-factor-secret.js";

/** Turns the second factor of a log-in on and off. */
export function TwoFactorCard({ enabled }: { readonly enabled: boolean }) {
  const [setup, setSetup] = useState<TwoFactorSetup>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [removing, setRemoving] = useState(false);
  const beginning = useSubmit(async () => setSetup(await accounts.setUpTwoFactor()));

  async function confirm(code: string): Promise<void> {
    const { recoveryCodes } = await accounts.confirmTwoFactor(code);
    setSetup(undefined);
    setCodes(recoveryCodes);
    await readMe();
  }

  async function remove(code: string): Promise<void> {
    await accounts.removeTwoFactor(code);
    setRemoving(false);
    setCodes(undefined);
    await readMe();
  }

  return (
    <Card title="Second factor" aside={<span class="muted small">{enabled ? "On" : "Off"}</span>}>
      <p class="muted small">
        With it, a log-in takes a code of an app on your phone besides the password.
      </p>
      {codes && <RecoveryCodeList codes={codes} />}
      {!enabled && !setup && (
        <form onSubmit={beginning.onSubmit}>
          {beginning.message !== undefined && <Notice tone="error">{beginning.message}</Notice>}
          <Button variant="primary" type="submit" icon="lock" busy={beginning.busy}>
            Turn on
          </Button>
        </form>
      )}
      {!enabled && setup && (
        <>
          <TwoFactorSecret setup={setup} />
          <TwoFactorForm action="Confirm" onCode={confirm} onCancel={() => setSetup(undefined)} />
        </>
      )}
      {enabled && !removing && (
        <div>
          <Button onClick={() => setRemoving(true)}>Turn off</Button>
        </div>
      )}
      {enabled && removing && (
        <TwoFactorForm action="Turn off" onCode={remove} onCancel={() => setRemoving(false)} />
      )}
    </Card>
  );
}
