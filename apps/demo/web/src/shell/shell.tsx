import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";

import { ButtonLink } from "../components/button.js";
import { Icon, type IconName } from "../components/icon.js";
import { account } from "../state/session.js";
import { AccountMenu } from "./account-menu.js";
import { LiveBadge } from "./live-badge.js";
import { Logo } from "./logo.js";

import "./shell.css";

/** What stands around every page. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const who = account.value;
  const entering = /^\/(log-in|sign-up)/.test(useLocation().path);
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="shell-header">
        <a class="shell-home" href="/">
          <Logo />
          Lightbox
        </a>
        {who && (
          <nav class="shell-nav" aria-label="Main">
            <NavLink href="/" icon="image" label="Albums" />
            <NavLink href="/search" icon="search" label="Search" />
          </nav>
        )}
        <div class="shell-end">
          <LiveBadge />
          {who && <AccountMenu account={who} />}
          {who === null && !entering && (
            <ButtonLink small href={`/log-in?next=${encodeURIComponent(location.pathname)}`}>
              Log in
            </ButtonLink>
          )}
        </div>
      </header>
      {children}
    </>
  );
}

interface NavLinkProps {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
}

function NavLink({ href, icon, label }: NavLinkProps) {
  const { path } = useLocation();
  const current = href === "/" ? path === "/" || path.startsWith("/albums") : path === href;
  return (
    <a href={href} class="shell-link" {...(current && { "aria-current": "page" })}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}
