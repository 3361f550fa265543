import { CookieJar } from "tough-cookie";

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Whatever the route sends: what that has to be is what each test says. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any
}

/** A browser, as far as cookies go. */
export class Client {
  readonly jar = new CookieJar();
  readonly #url: string;
  /** Sent along with every request. */
  headers: Record<string, string> = { "user-agent": "a test" };

  constructor(url: string) {
    // a browser takes cookies for TLS from localhost too, and not from an address
    this.#url = url.replace("127.0.0.1", "localhost");
  }

  async send(
    method: string,
    path: string,
    body?: RequestInit["body"],
    type?: string,
  ): Promise<Response> {
    const url = this.#url + path;
    const cookie = await this.jar.getCookieString(url);
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        ...this.headers,
        ...(cookie !== "" && { cookie }),
        ...(type !== undefined && { "content-type": type }),
      },
      ...(body !== undefined && { body }),
    });
    for (const each of response.headers.getSetCookie()) await this.jar.setCookie(each, url);
    return response;
  }

  async json(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.send(method, path, text, text && "application/json");
    return await read(response);
  }

  get = async (path: string): Promise<Answer> => await this.json("GET", path);
  post = async (path: string, body?: unknown): Promise<Answer> =>
    await this.json("POST", path, body);

  /** The value of a cookie that is sent to this path. */
  async cookie(name: string, path = "/"): Promise<string | undefined> {
    const cookies = await this.jar.getCookies(this.#url + path);
    return cookies.find(({ key }) => key === name)?.value;
  }

  /** From now on with a token against forged requests. */
  async withCsrf(): Promise<this> {
    const { body } = await this.get("/csrf");
    this.headers = { ...this.headers, "x-csrf-token": body.token };
    return this;
  }
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const { status, headers } = response;
  return { status, headers, body: isJson ? JSON.parse(text) : text };
}
