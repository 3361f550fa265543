import { lazy, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { messageOf } from "./api/problem-error.js";
import { readMe } from "./api/request.js";
import { CrashBoundary } from "./components/crash.js";
import { Toasts } from "./components/toasts.js";
import { AlbumPage } from "./pages/album/album-page.js";
import { AlbumsPage } from "./pages/albums/albums-page.js";
import { LogInPage } from "./pages/entry/log-in-page.js";
import { SignUpPage } from "./pages/entry/sign-up-page.js";
import { NotFoundPage } from "./pages/not-found-page.js";
import { SearchPage } from "./pages/search/search-page.js";
import { SharedPage } from "./pages/shared/shared-page.js";
import { members } from "./shell/members.js";
import { Shell } from "./shell/shell.js";
import { account } from "./state/session.js";
import { showToast } from "./state/toasts.js";
import { UploadTray } from "./uploads/upload-tray.js";
import { resumeUploads } from "./uploads/uploads.js";

// what few look at, and rarely
const SettingsPage = lazy(
  async () => (await import("./pages/settings/settings-page.js")).SettingsPage,
);
const AdminPage = lazy(async () => (await import("./admin/admin-page.js")).AdminPage);

const Albums = members(AlbumsPage);
const Album = members(AlbumPage);
const Search = members(SearchPage);
const Settings = members(SettingsPage);
const Admin = members(AdminPage);

export function App() {
  useEffect(() => {
    readMe().catch((error: unknown) => showToast(messageOf(error), { tone: "error" }));
  }, []);
  const accountId = account.value?.id;
  useEffect(() => {
    if (accountId !== undefined) void resumeUploads(accountId);
  }, [accountId]);
  return (
    <LocationProvider>
      <Shell>
        <CrashBoundary>
          <Router onRouteChange={focusMain}>
            <Route path="/" component={Albums} />
            <Route path="/albums/:albumId" component={Album} />
            <Route path="/shared/:token" component={SharedPage} />
            <Route path="/search" component={Search} />
            <Route path="/settings" component={Settings} />
            <Route path="/admin/*" component={Admin} />
            <Route path="/log-in" component={LogInPage} />
            <Route path="/sign-up" component={SignUpPage} />
            <Route default component={NotFoundPage} />
          </Router>
        </CrashBoundary>
      </Shell>
      <Foot />
    </LocationProvider>
  );
}

/** The viewer covers the page, and has messages of its own. */
function Foot() {
  const { photo } = useLocation().query;
  return (
    <>
      <UploadTray />
      {photo === undefined && <Toasts />}
    </>
  );
}

/** Who listens hears the new page, and the keyboard goes on from there. */
function focusMain(): void {
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}
