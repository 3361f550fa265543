import type { ComponentChildren } from "preact";

import { Button } from "./button.js";
import { Icon } from "./icon.js";

import "./notice.css";

interface NoticeProps {
  /** @default "info" */
  readonly tone?: "info" | "error" | "warning";
  readonly children: ComponentChildren;
  readonly onRetry?: (() => void) | undefined;
}

/** Says what happened, where it happened; an error is read out at once. */
export function Notice({ tone = "info", children, onRetry }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={tone === "error" ? "alert" : "status"}>
      <Icon name={tone === "info" ? "check" : "alert"} />
      <div class="notice-text">{children}</div>
      {onRetry && (
        <Button small icon="retry" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
