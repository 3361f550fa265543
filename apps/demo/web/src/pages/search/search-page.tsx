import { debounce } from "@infra/promises";
import { useLocation } from "preact-iso";
import { useEffect, useMemo } from "preact/hooks";

import { photos } from "../../api/api.js";
import { EmptyState } from "../../components/empty-state.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { Spinner } from "../../components/spinner.js";
import { useLoad } from "../../components/use-load.js";
import { Page } from "../../shell/page.js";
import { SearchResults } from "./search-results.js";

import "./search-page.css";

/** `/search?q=…`: the address follows what is typed, so that it can be kept. */
export function SearchPage() {
  const { query, route } = useLocation();
  const text = (query["q"] ?? "").trim();
  const found = useLoad(
    async () => (text === "" ? undefined : { text, ...(await photos.search(text)) }),
    [text],
  );
  const follow = useMemo(
    () =>
      debounce((typed: string) => route(`/search?q=${encodeURIComponent(typed)}`, true), {
        wait: "250ms",
      }),
    [],
  );
  useEffect(() => follow.cancel, []);
  const { value: result, error, reload } = found;
  const none = result && result.photos.length + result.albums.length === 0;
  return (
    <Page title="Search">
      <form
        role="search"
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          follow.flush();
        }}
      >
        <Field
          label="Search your albums and photos"
          type="search"
          name="q"
          autoFocus
          defaultValue={text}
          placeholder="Lake, birthday, IMG_2041 …"
          onInput={({ currentTarget }) => void follow(currentTarget.value)}
        />
      </form>
      {error !== undefined && (
        <Notice tone="error" onRetry={reload}>
          {error}
        </Notice>
      )}
      {text !== "" && !result && error === undefined && <Spinner label="Searching" />}
      <p class="visually-hidden" role="status">
        {result && !none && `${result.photos.length} photos, ${result.albums.length} albums`}
      </p>
      {text !== "" && none && (
        <EmptyState icon="search" title={`Nothing matches “${result.text}”`}>
          <p>Titles of albums and photos, and what was said about them, are searched.</p>
        </EmptyState>
      )}
      {text !== "" && result && !none && <SearchResults result={result} />}
    </Page>
  );
}
