import { ButtonLink } from "../components/button.js";
import { EmptyState } from "../components/empty-state.js";
import { Page } from "../shell/page.js";

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <EmptyState icon="search" title="Nothing is here">
        <p>The address may be wrong, or what was here is gone.</p>
        <ButtonLink variant="primary" href="/">
          To your albums
        </ButtonLink>
      </EmptyState>
    </Page>
  );
}
