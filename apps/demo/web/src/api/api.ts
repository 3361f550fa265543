// Every request of the page, by what it does.
import type {
  Album,
  Comment,
  LogIn,
  LogInResult,
  NewShare,
  NewUpload,
  Page,
  Photo,
  RecoveryCodes,
  SearchResult,
  Session,
  Share,
  SharedAlbum,
  ShareLifetime,
  SignUp,
  TwoFactorSetup,
  Upload,
} from "../../../src/contract.js";
import { change, get } from "./request.js";

const at = encodeURIComponent;
const pageSize = 60;

function pageQuery(cursor: string | undefined): string {
  return new URLSearchParams({
    limit: String(pageSize),
    ...(cursor !== undefined && { cursor }),
  }).toString();
}

export const accounts = {
  signUp: (body: SignUp) => change("POST", "/api/accounts", body),
  logIn: (body: LogIn) => change<LogInResult>("POST", "/api/sessions", body),
  confirm: (body: { challenge: string; code: string }) =>
    change("POST", "/api/sessions/code", body),
  logOut: () => change("DELETE", "/api/sessions/current"),
  sessions: () => get<readonly Session[]>("/api/sessions"),
  endSession: (id: string) => change("DELETE", `/api/sessions/${at(id)}`),
  setUpTwoFactor: () => change<TwoFactorSetup>("POST", "/api/two-factor"),
  confirmTwoFactor: (code: string) =>
    change<RecoveryCodes>("POST", "/api/two-factor/confirm", { code }),
  removeTwoFactor: (code: string) => change("DELETE", "/api/two-factor", { code }),
};

export const albums = {
  list: () => get<readonly Album[]>("/api/albums"),
  create: (title: string) => change<Album>("POST", "/api/albums", { title }),
  read: (id: string) => get<Album>(`/api/albums/${at(id)}`),
  rename: (id: string, title: string) => change<Album>("PATCH", `/api/albums/${at(id)}`, { title }),
  remove: (id: string) => change("DELETE", `/api/albums/${at(id)}`),
  restore: (id: string) => change<Album>("POST", `/api/albums/${at(id)}/restore`),
  photos: (id: string, cursor?: string) =>
    get<Page<Photo>>(`/api/albums/${at(id)}/photos?${pageQuery(cursor)}`),
};

export const photos = {
  rename: (id: string, title: string) => change<Photo>("PATCH", `/api/photos/${at(id)}`, { title }),
  remove: (id: string) => change("DELETE", `/api/photos/${at(id)}`),
  restore: (id: string) => change<Photo>("POST", `/api/photos/${at(id)}/restore`),
  retry: (id: string) => change<Photo>("POST", `/api/photos/${at(id)}/retry`),
  search: (text: string, signal?: AbortSignal) =>
    get<SearchResult>(`/api/search?q=${at(text)}`, signal),
};

export const comments = {
  list: (photoId: string) => get<readonly Comment[]>(`/api/photos/${at(photoId)}/comments`),
  add: (photoId: string, text: string) =>
    change<Comment>("POST", `/api/photos/${at(photoId)}/comments`, { text }),
  remove: (id: string) => change("DELETE", `/api/comments/${at(id)}`),
};

export const shares = {
  list: (albumId: string) => get<readonly Share[]>(`/api/albums/${at(albumId)}/shares`),
  create: (albumId: string, expiresIn: ShareLifetime) =>
    change<NewShare>("POST", `/api/albums/${at(albumId)}/shares`, { expiresIn }),
  revoke: (id: string) => change("DELETE", `/api/shares/${at(id)}`),
  open: (token: string, cursor?: string) =>
    get<SharedAlbum>(`/api/shared/${at(token)}?${pageQuery(cursor)}`),
  join: (token: string) => change<Album>("POST", `/api/shared/${at(token)}/join`),
};

export const uploads = {
  create: (body: NewUpload) => change<Upload>("POST", "/api/uploads", body),
  read: (id: string) => get<Upload>(`/api/uploads/${at(id)}`),
  complete: (id: string) => change<Photo>("POST", `/api/uploads/${at(id)}/complete`),
  remove: (id: string) => change("DELETE", `/api/uploads/${at(id)}`),
  partUrl: (id: string, part: number) => `/api/uploads/${at(id)}/parts/${part}`,
};
