import { useEffect, useState } from "preact/hooks";

import { liveState } from "../state/live.js";

const patienceMs = 3_000;

/** Says that nothing arrives by itself at the moment; a short interruption is not worth a word. */
export function LiveBadge() {
  const [shown, setShown] = useState(false);
  const lost = liveState.value === "disconnected";
  useEffect(() => {
    if (!lost) return setShown(false);
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <span role="status">{shown && <span class="live-badge">Offline · trying again</span>}</span>
  );
}
