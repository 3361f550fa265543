import { useLocation } from "preact-iso";
import { useRef } from "preact/hooks";

import type { Account } from "../../../src/contract.js";
import { messageOf } from "../api/problem-error.js";
import { Avatar } from "../components/avatar.js";
import { Icon } from "../components/icon.js";
import { logOut } from "../state/session.js";
import { showToast } from "../state/toasts.js";

/** What belongs to the account, in a native popover. */
export function AccountMenu({ account }: { readonly account: Account }) {
  const popover = useRef<HTMLDivElement>(null);
  const { route } = useLocation();
  const hide = (): void => popover.current?.hidePopover();
  async function leave(): Promise<void> {
    hide();
    try {
      await logOut();
      route("/log-in");
    } catch (error) {
      showToast(messageOf(error), { tone: "error" });
    }
  }
  return (
    <>
      <button
        type="button"
        class="account-button"
        popovertarget="account-menu"
        aria-label={`Account of ${account.name}`}
      >
        <Avatar name={account.name} />
      </button>
      <div ref={popover} id="account-menu" popover="auto" class="menu">
        <p class="menu-head">
          <strong>{account.name}</strong>
          <span class="muted small">{account.email}</span>
        </p>
        <ul>
          <li>
            <a href="/settings" onClick={hide}>
              <Icon name="settings" /> Settings
            </a>
          </li>
          {account.admin && (
            <li>
              <a href="/admin" onClick={hide}>
                <Icon name="dashboard" /> Administration
              </a>
            </li>
          )}
          <li>
            <button type="button" onClick={() => void leave()}>
              <Icon name="logOut" /> Log out
            </button>
          </li>
        </ul>
      </div>
    </>
  );
}
