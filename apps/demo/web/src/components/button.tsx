import type { ComponentChildren, ComponentProps, PartialAnchorHTMLAttributes } from "preact";

import "./button.css";
import { Icon, type IconName } from "./icon.js";

interface Look {
  /** @default "plain" */
  readonly variant?: "primary" | "plain" | "quiet" | "danger" | undefined;
  readonly icon?: IconName | undefined;
  readonly small?: boolean | undefined;
}

type ButtonProps = Look & {
  /** What it does is under way: it can't be pressed again. */
  readonly busy?: boolean | undefined;
  readonly children?: ComponentChildren;
} & Omit<ComponentProps<"button">, "icon">;

export function Button({ variant, icon, small, busy = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={look({ variant, small })}
      aria-busy={busy}
      disabled={rest.disabled === true || busy}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = {
  readonly icon: IconName;
  /** What it does, in words. */
  readonly label: string;
} & Omit<ComponentProps<"button">, "icon" | "label">;

/** A button that shows an icon alone. */
export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <button type="button" title={label} {...rest} class="icon-button" aria-label={label}>
      <Icon name={icon} />
    </button>
  );
}

type ButtonLinkProps = Look & {
  readonly href: string;
  readonly children: ComponentChildren;
} & Omit<PartialAnchorHTMLAttributes<HTMLAnchorElement>, "icon" | "href" | "role">;

/** A link that looks like a button. */
export function ButtonLink({ variant, icon, small, children, ...rest }: ButtonLinkProps) {
  return (
    <a {...rest} class={look({ variant, small })}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
}

function look({ variant = "plain", small = false }: Omit<Look, "icon">): string {
  return `button button-${variant}${small ? " button-small" : ""}`;
}
