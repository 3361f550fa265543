import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";

import { Button } from "./button.js";
import { EmptyState } from "./empty-state.js";

/** Shows a way out where a mistake in the page would leave nothing. */
export function CrashBoundary({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary((thrown: unknown) => console.error(thrown));
  if (error === undefined) return <>{children}</>;
  return (
    <main>
      <EmptyState icon="alert" title="Something went wrong">
        <p>This page made a mistake. What you uploaded is safe.</p>
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
        <a href="/" onClick={reset}>
          To your albums
        </a>
      </EmptyState>
    </main>
  );
}
