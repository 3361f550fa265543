import type { Session } from "../../../../src/contract.js";
import { accounts } from "../../api/api.js";
import { Ago } from "../../components/ago.js";
import { Button } from "../../components/button.js";
import { Card } from "../../components/card.js";
import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import { useLoad } from "../../components/use-load.js";
import { useSubmit } from "../../components/use-submit.js";

import "./sessions-card.css";

/** Where the account is logged in; any but this one can be ended from here. */
export function SessionsCard() {
  const { value: sessions, error, set, reload } = useLoad(accounts.sessions, []);
  return (
    <Card title="Where you are logged in">
      {error !== undefined && (
        <Notice tone="error" onRetry={reload}>
          {error}
        </Notice>
      )}
      {!sessions && error === undefined && <Spinner />}
      {sessions && (
        <ul class="sessions">
          {sessions.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              onEnded={() => set(sessions.filter(({ id }) => id !== session.id))}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface SessionRowProps {
  readonly session: Session;
  readonly onEnded: () => void;
}

function SessionRow({ session, onEnded }: SessionRowProps) {
  const { id, current, lastSeenAt, userAgent, address } = session;
  const { busy, message, onSubmit } = useSubmit(async () => {
    await accounts.endSession(id);
    onEnded();
  });
  const device = deviceOf(userAgent);
  return (
    <li>
      <form class="row" onSubmit={onSubmit}>
        <div>
          <p>{device}</p>
          <p class="muted small">
            {current ? "This one" : <Ago at={lastSeenAt} />}
            {address !== undefined && ` · ${address}`}
            {message !== undefined && <span role="alert"> · {message}</span>}
          </p>
        </div>
        {!current && (
          <div class="push">
            <Button small variant="danger" type="submit" busy={busy} aria-label={`End ${device}`}>
              End
            </Button>
          </div>
        )}
      </form>
    </li>
  );
}

const browsers = [
  ["Firefox", /Firefox\//],
  ["Edge", /Edg\//],
  ["Opera", /OPR\//],
  ["Chrome", /Chrome\//],
  ["Safari", /Safari\//],
] as const;
const systems = [
  ["Android", /Android/],
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
] as const;

function deviceOf(userAgent = ""): string {
  const named = (names: typeof browsers | typeof systems): string | undefined =>
    names.find(([, mark]) => mark.test(userAgent))?.[0];
  const [browser, system] = [named(browsers), named(systems)];
  if (browser === undefined) return "Another program";
  return system === undefined ? browser : `${browser} on ${system}`;
}
