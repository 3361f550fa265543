import type { ComponentChildren } from "preact";

import "./empty-state.css";
import { Icon, type IconName } from "./icon.js";

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Stands where there is nothing yet, and says what to do about it. */
export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <span class="empty-state-icon">
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
