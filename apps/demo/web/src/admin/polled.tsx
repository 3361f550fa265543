import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";

import { messageOf } from "../api/problem-error.js";
import { get } from "../api/request.js";
import { Notice } from "../components/notice.js";
import { Spinner } from "../components/spinner.js";

/** What a route answered last. */
export interface Polled<T> {
  readonly value: T | undefined;
  /** Why the last attempt failed. */
  readonly error: string | undefined;
  /** Asks again now. */
  readonly reload: () => Promise<void>;
}

/** Asks a route, and again every so often while the page is in sight. */
export function usePolled<T>(path: string, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<string>();
  const reload = useCallback(async (): Promise<void> => {
    try {
      setValue(await get<T>(path));
      setError(undefined);
    } catch (thrown) {
      setError(messageOf(thrown));
    }
  }, [path]);
  useEffect(() => {
    void reload();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
  return { value, error, reload };
}

interface AnsweredProps<T> {
  readonly by: Polled<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows what was answered, and above it why there is nothing newer. */
export function Answered<T>({ by: { value, error, reload }, children }: AnsweredProps<T>) {
  return (
    <div class="stack">
      {error !== undefined && (
        <Notice tone="error" onRetry={() => void reload()}>
          {error}
        </Notice>
      )}
      {value !== undefined && children(value)}
      {value === undefined && error === undefined && <Spinner />}
    </div>
  );
}
