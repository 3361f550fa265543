import { useEffect, useState } from "preact/hooks";

import { messageOf } from "../api/problem-error.js";

/** Something that is read from the server. */
export interface Loaded<T> {
  /** What was read last; `undefined` until then. */
  readonly value: T | undefined;
  /** Why it could not be read, for people. */
  readonly error: string | undefined;
  readonly set: (value: T) => void;
  readonly reload: () => void;
}

/** Reads when the component comes, and again when one of the inputs changes. */
export function useLoad<T>(read: () => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [value, set] = useState<T>();
  const [error, setError] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    setError(undefined);
    read().then(
      (found) => current && set(() => found),
      (thrown: unknown) => current && setError(messageOf(thrown)),
    );
    return () => void (current = false);
  }, [...inputs, round]);
  return { value, error, set: (next) => set(() => next), reload: () => setRound((at) => at + 1) };
}
