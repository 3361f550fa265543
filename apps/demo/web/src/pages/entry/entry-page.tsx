import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { useTitle } from "../../shell/page.js";
import { account } from "../../state/session.js";

import "./entry-page.css";

interface EntryPageProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ComponentChildren;
}

/** The frame of the two pages before the albums: a form beside a wall of pictures. */
export function EntryPage({ title, lead, children }: EntryPageProps) {
  useTitle(title);
  const { query, route } = useLocation();
  const who = account.value;
  useEffect(() => {
    if (who) route(ownPath(query["next"]), true);
  }, [who, query, route]);
  return (
    <main id="main" tabIndex={-1} class="entry">
      <div class="entry-form">
        <h1>{title}</h1>
        <p class="muted">{lead}</p>
        {children}
      </div>
      <div class="entry-wall" aria-hidden="true">
        {Array.from({ length: 9 }, (_, at) => (
          <span key={at} />
        ))}
      </div>
    </main>
  );
}

/** Where to go on; nowhere but on this site. */
function ownPath(next: string | undefined): string {
  if (next === undefined || !next.startsWith("/")) return "/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : "/";
}

/** The query that brings who changes from one form to the other back to the same place. */
export function useNext(): string {
  const { next } = useLocation().query;
  return next === undefined ? "" : `?next=${encodeURIComponent(next)}`;
}
