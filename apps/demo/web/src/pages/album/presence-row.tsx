import type { Visitor } from "../../../../src/contract.js";
import { Avatar } from "../../components/avatar.js";

import "./presence-row.css";

const shownAtMost = 5;

/** Who else looks at the album right now. */
export function PresenceRow({ others }: { readonly others: readonly Visitor[] }) {
  const names = others.map(({ name }) => name);
  return (
    <span class="presence" role="status" aria-label="Who is here">
      {names.length > 0 && (
        <>
          <span class="presence-faces">
            {names.slice(0, shownAtMost).map((name, at) => (
              <Avatar key={at} name={name} small />
            ))}
          </span>
          <span>
            {inWords(names)} {names.length === 1 ? "is" : "are"} here
          </span>
        </>
      )}
    </span>
  );
}

const list = new Intl.ListFormat("en");

function inWords(names: readonly string[]): string {
  if (names.length <= 3) return list.format(names);
  return list.format([...names.slice(0, 2), `${names.length - 2} others`]);
}
