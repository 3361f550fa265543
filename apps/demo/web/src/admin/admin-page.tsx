import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";

import { messageOf } from "../api/problem-error.js";
import { Notice } from "../components/notice.js";
import { Page } from "../shell/page.js";

import "./admin.css";
import { ConfigTab } from "./config-tab.js";
import { follow } from "./feed.js";
import { HealthTab } from "./health-tab.js";
import { JobsTab } from "./jobs-tab.js";
import { LogsTab } from "./logs-tab.js";
import { MetricsTab } from "./metrics-tab.js";
import { OverviewTab } from "./overview-tab.js";

const tabs = {
  overview: OverviewTab,
  health: HealthTab,
  metrics: MetricsTab,
  jobs: JobsTab,
  logs: LogsTab,
  config: ConfigTab,
} as const;

/** What operators see, at `/admin/<tab>`: a chunk of its own, with the plots. */
export function AdminPage() {
  const name = useLocation().path.split("/")[2] ?? "";
  const tab = Object.hasOwn(tabs, name) ? (name as keyof typeof tabs) : "overview";
  const failure = useFeed();
  const Tab = tabs[tab];
  return (
    <Page title="Operations">
      <div class="admin stack">
        <TabLinks current={tab} />
        {failure !== undefined && <Notice tone="warning">Nothing is live: {failure}</Notice>}
        <Tab />
      </div>
    </Page>
  );
}

function TabLinks({ current }: { readonly current: string }) {
  const here = useRef<HTMLAnchorElement>(null);
  // on a phone there is no room for all of them
  useEffect(() => here.current?.scrollIntoView({ inline: "center", block: "nearest" }), [current]);
  return (
    <nav aria-label="Operations">
      <ul class="tabs">
        {Object.keys(tabs).map((each) => (
          <li key={each}>
            <a
              href={`/admin/${each}`}
              {...(each === current && { "aria-current": "page", ref: here })}
            >
              {each}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Follows all processes while the page is open; why it can't. */
function useFeed(): string | undefined {
  const [failure, fail] = useState<string>();
  useEffect(() => {
    const following = follow().catch((error: unknown) => fail(messageOf(error)));
    return () => void following.then((end) => end?.());
  }, []);
  return failure;
}
