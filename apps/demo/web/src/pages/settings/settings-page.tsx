import { Avatar } from "../../components/avatar.js";
import { Card } from "../../components/card.js";
import { Page } from "../../shell/page.js";
import { account } from "../../state/session.js";
import { SessionsCard } from "./sessions-card.js";
import { TwoFactorCard } from "./two-factor-card.js";

export function SettingsPage() {
  const { name, email, twoFactor } = account.value!;
  return (
    <Page title="Settings" narrow>
      <div class="stack">
        <Card title="Account">
          <div class="row">
            <Avatar name={name} />
            <div>
              <p>{name}</p>
              <p class="muted small">{email}</p>
            </div>
          </div>
        </Card>
        <TwoFactorCard enabled={twoFactor} />
        <SessionsCard />
      </div>
    </Page>
  );
}
