// What the server and its page agree on: shapes of the answers below /api, and names of topics. Types and constants only.

/**
 * The header that carries the token of `GET /api/me` with each request that changes something. The token is bound to the
 * session: read it anew after logging in or out.
 */
export const csrfHeader = "x-csrf-token";
/** What the token of a share link begins with; also the credential with which its visitors listen live. */
export const shareTokenPrefix = "shr_";
/** The live topic of an album; its messages are {@link AlbumEvent}s, its presence {@link Visitor}s. Kept for a day. */
export const albumTopic = (albumId: string): string => `album.${albumId}`;
/** What operators listen to; its messages are of `admin/contract.ts`. */
export const adminTopic = "admin.live";

/** Problem details (RFC 9457): what every answer of 400 and above is. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** Stable: `ERR_…`. */
  readonly code?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly detail: string }[];
}

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly admin: boolean;
  readonly twoFactor: boolean;
}

/** `GET /api/me` */
export interface Me {
  readonly account: Account | null;
  readonly csrfToken: string;
  /** Largest upload, in bytes, and whether videos are taken (the server has ffmpeg). */
  readonly limits: { readonly maxBytes: number; readonly videos: boolean };
}

/** `POST /api/accounts` */
export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** `POST /api/sessions` */
export interface LogIn {
  readonly email: string;
  readonly password: string;
}

/** What a log-in gives; the challenge goes to `POST /api/sessions/code` with a code of the app, or a recovery code. */
export type LogInResult =
  | { readonly status: "complete" }
  | { readonly status: "second-factor"; readonly challenge: string };

/** One of `GET /api/sessions` */
export interface Session {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** What the browser said of itself, and where it was; empty when that is not known. */
  readonly userAgent: string;
  readonly address: string;
}

/** `POST /api/two-factor`: the secret as text, and as the address that a QR code shows. */
export interface TwoFactorSetup {
  readonly secret: string;
  readonly uri: string;
}

/** `POST /api/two-factor/confirm`: shown once. */
export interface RecoveryCodes {
  readonly recoveryCodes: readonly string[];
}

/** Who did something. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A picture in one size. */
export interface Media {
  readonly url: string;
  readonly type: string;
  readonly width: number;
  readonly height: number;
}

/** An album's cover. */
export interface Cover extends Media {
  /** The main colour, `#rrggbb`. */
  readonly colour: string;
  /** A tiny picture, as a data URI. */
  readonly placeholder: string;
}

export interface Album {
  readonly id: string;
  readonly title: string;
  readonly role: "owner" | "member";
  readonly photoCount: number;
  readonly cover: Cover | null;
  readonly createdAt: string;
  readonly by: Person;
}

/** One page; `nextCursor` is missing on the last one. Photos come oldest first: what is added stands at the end, and moves nothing. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

export interface Photo {
  readonly id: string;
  readonly albumId: string;
  readonly kind: "image" | "video";
  readonly title: string;
  readonly status: "processing" | "ready" | "failed";
  /** Why it failed, for people. */
  readonly failure?: string;
  /** Upright. Known from the upload on for images, and 0 for videos that are still processed. */
  readonly width: number;
  readonly height: number;
  /** `#rrggbb`; grey until it is known. */
  readonly colour: string;
  /** A tiny picture, as a data URI; empty until it is known. */
  readonly placeholder: string;
  /** Smallest first; of a video its poster. Empty until it is ready. */
  readonly sizes: readonly Media[];
  readonly video?: { readonly url: string; readonly type: string; readonly durationMs: number };
  /** As it was uploaded. Who came by a share link appends `?share=<token>` to this, and to every other address below /media. */
  readonly originalUrl: string;
  readonly comments: number;
  readonly createdAt: string;
  readonly by: Person;
}

export interface Comment {
  readonly id: string;
  readonly photoId: string;
  readonly text: string;
  readonly createdAt: string;
  readonly by: Person;
}

/** How long a share link may hold. */
export const shareLifetimes = ["1h", "1d", "7d", "30d"] as const;
export type ShareLifetime = (typeof shareLifetimes)[number];

/** One of `GET /api/albums/:id/shares` */
export interface Share {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** `POST /api/albums/:id/shares`: the address holds the token, and is shown once. */
export interface NewShare extends Share {
  /** `<origin>/shared/<token>` */
  readonly url: string;
}

/** `GET /api/shared/:token?cursor&limit` */
export type SharedAlbum =
  | {
      readonly album: Omit<Album, "role">;
      readonly photos: Page<Photo>;
      readonly expiresAt: string;
      /** Whether who asks is a member already. */
      readonly member: boolean;
    }
  | { readonly album: null; readonly reason: "unknown" | "expired" };

/** `POST /api/uploads` */
export interface NewUpload {
  readonly albumId: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** What the browser takes it for; the content decides. */
  readonly type: string;
}

/** `POST /api/uploads`, `GET /api/uploads/:id`. Part n (from 0) is bytes n × partSize on, sent as application/octet-stream; in any order, and twice if need be. */
export interface Upload {
  readonly id: string;
  readonly albumId: string;
  readonly name: string;
  readonly size: number;
  readonly partSize: number;
  /** Numbers of the parts that are there. */
  readonly received: readonly number[];
}

/** `GET /api/search?q=` */
export interface SearchResult {
  readonly photos: readonly Photo[];
  readonly albums: readonly Album[];
}

/** A message on {@link albumTopic}. */
export type AlbumEvent =
  | { readonly kind: "photo"; readonly photo: Photo }
  | { readonly kind: "photo-removed"; readonly photoId: string }
  | { readonly kind: "comment"; readonly comment: Comment; readonly comments: number }
  | {
      readonly kind: "comment-removed";
      readonly commentId: string;
      readonly photoId: string;
      readonly comments: number;
    }
  /** It has a new title; `deleted` ones can't be read any more, until they are restored. */
  | { readonly kind: "album"; readonly title: string; readonly deleted: boolean };

/** What a page tells with its presence on {@link albumTopic}: `subscribe(topic, listener, { presence })`. */
export interface Visitor {
  readonly name: string;
}
