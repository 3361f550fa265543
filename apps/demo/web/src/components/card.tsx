import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import "./card.css";

interface CardProps {
  readonly title?: string;
  /** Stands at the end of the title's line. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page on a surface of its own; with a title it is a landmark of that name. */
export function Card({ title, aside, children }: CardProps) {
  const id = useId();
  if (title === undefined) return <div class="card">{children}</div>;
  return (
    <section class="card" aria-labelledby={id}>
      <header class="row">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="push">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
