import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import "./page.css";

interface PageProps {
  /** The page's heading, and the name of its tab. */
  readonly title: string;
  /** Stands below the heading. */
  readonly lead?: ComponentChildren;
  /** Stands at the end of the heading's line. */
  readonly actions?: ComponentChildren;
  /** A narrower column, for text and forms. @default false */
  readonly narrow?: boolean;
  readonly children: ComponentChildren;
}

/** Whether the landmark that went last had the focus: what takes its place goes on with it. */
let heldFocus = false;

/** The main landmark of a page, with its heading. */
export function Page({ title, lead, actions, narrow = false, children }: PageProps) {
  useTitle(title);
  const main = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const shown = main.current!;
    if (heldFocus) shown.focus({ preventScroll: true });
    heldFocus = false;
    return () => void (heldFocus = shown.contains(document.activeElement));
  }, []);
  return (
    <main ref={main} id="main" tabIndex={-1} class={`page${narrow ? " page-narrow" : ""}`}>
      <header class="page-header">
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <div class="page-lead">{lead}</div>}
        </div>
        {actions !== undefined && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Lightbox" ? title : `${title} · Lightbox`;
  }, [title]);
}
