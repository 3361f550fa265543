import {
  csrfHeader,
  type Album,
  type Me,
  type NewShare,
  type Page,
  type Photo,
  type Upload,
} from "../../src/contract.js";

/** An answer, read. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A browser as far as the API needs one: cookies, and the token that goes with what changes something. */
export class Visitor {
  email = "";
  password = "";
  readonly #url: () => string;
  readonly #cookies: Map<string, string>;
  #csrfToken: string | undefined;

  constructor(url: () => string, cookies = new Map<string, string>()) {
    this.#url = url;
    this.#cookies = cookies;
  }

  /** The same session at another address of the app. */
  at(url: string): Visitor {
    return new Visitor(() => url, this.#cookies);
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async request<Body = unknown>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const headers = new Headers(init.headers);
    if (this.cookie !== "") headers.set("cookie", this.cookie);
    const response = await fetch(new URL(path, this.#url()), { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (value === "") this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
      // the token is bound to the session
      this.#csrfToken = undefined;
    }
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    const body = (isJson ? JSON.parse(text) : text) as Body;
    return { status: response.status, headers: response.headers, body };
  }

  async get<Body = unknown>(path: string): Promise<Answer<Body>> {
    return await this.request<Body>(path);
  }

  async post<Body = unknown>(path: string, body?: object): Promise<Answer<Body>> {
    return await this.change<Body>("POST", path, body);
  }

  async patch<Body = unknown>(path: string, body: object): Promise<Answer<Body>> {
    return await this.change<Body>("PATCH", path, body);
  }

  async delete<Body = unknown>(path: string, body?: object): Promise<Answer<Body>> {
    return await this.change<Body>("DELETE", path, body);
  }

  /** A request that changes something: JSON, or bytes. */
  async change<Body>(
    method: string,
    path: string,
    body?: object | Uint8Array,
  ): Promise<Answer<Body>> {
    const isBytes = body instanceof Uint8Array;
    return await this.request<Body>(path, {
      method,
      headers: {
        [csrfHeader]: await this.csrfToken(),
        ...(body && { "content-type": isBytes ? "application/octet-stream" : "application/json" }),
      },
      ...(body && { body: isBytes ? Buffer.from(body) : JSON.stringify(body) }),
    });
  }

  async me(): Promise<Me> {
    const { body } = await this.get<Me>("/api/me");
    this.#csrfToken = body.csrfToken;
    return body;
  }

  async csrfToken(): Promise<string> {
    return this.#csrfToken ?? (await this.me()).csrfToken;
  }

  async album(title: string): Promise<Album> {
    return (await this.post<Album>("/api/albums", { title })).body;
  }

  async photos(albumId: string): Promise<readonly Photo[]> {
    return (await this.get<Page<Photo>>(`/api/albums/${albumId}/photos`)).body.items;
  }

  /** A link to an album. */
  async share(albumId: string): Promise<NewShare & { readonly token: string }> {
    const path = `/api/albums/${albumId}/shares`;
    const { body } = await this.post<NewShare>(path, { expiresIn: "1h" });
    return { ...body, token: new URL(body.url).pathname.slice("/shared/".length) };
  }

  /** Uploads a file whole; the answer to its completion. */
  async upload(
    albumId: string,
    name: string,
    bytes: Uint8Array,
    type = "image/jpeg",
  ): Promise<Answer<Photo>> {
    const { body, ...begun } = await this.post<Upload>("/api/uploads", {
      albumId,
      name,
      size: bytes.length,
      type,
    });
    if (begun.status !== 201) return { body: body as never, ...begun };
    for (let part = 0; part * body.partSize < bytes.length; part++) {
      await this.putPart(body, part, bytes);
    }
    return await this.post<Photo>(`/api/uploads/${body.id}/complete`);
  }

  async putPart({ id, partSize }: Upload, part: number, bytes: Uint8Array): Promise<Answer> {
    const content = bytes.subarray(part * partSize, (part + 1) * partSize);
    return await this.change("PUT", `/api/uploads/${id}/parts/${part}`, content);
  }
}
