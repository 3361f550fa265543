import type { ComponentType } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { Spinner } from "../components/spinner.js";
import { account } from "../state/session.js";
import { Page } from "./page.js";

/** A page for who is logged in; anybody else logs in first, and comes back to it. */
export function members<Props extends object>(Inner: ComponentType<Props>): ComponentType<Props> {
  return function Members(props: Props) {
    const { url, route } = useLocation();
    const who = account.value;
    useEffect(() => {
      if (who === null) route(`/log-in?next=${encodeURIComponent(url)}`, true);
    }, [who, url, route]);
    if (who) return <Inner {...props} />;
    return (
      <Page title="Lightbox">
        <Spinner />
      </Page>
    );
  };
}
