import type { ComponentChildren } from "preact";

interface TableProps {
  /** What it shows, for who can't see it. */
  readonly label: string;
  readonly columns: readonly string[];
  /** What its box looks like besides. */
  readonly boxClass?: string;
  /** Rows. */
  readonly children: ComponentChildren;
}

/** A table in a box that scrolls by itself, by keyboard too, where the page is too narrow. */
export function Table({ label, columns, boxClass = "", children }: TableProps) {
  return (
    <div class={`admin-scroll ${boxClass}`} role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
