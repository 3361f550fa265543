/** The tokens that a client has. */
export interface ClientTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Options of {@link TokenClient}. */
export interface TokenClientOptions {
  /** What it was given at the login, or kept since. */
  readonly tokens: ClientTokens;
  /**
   * Exchanges a refresh token: sends it to the server, and gives the answer of `fetch`. Its JSON has `accessToken` and
   * `refreshToken`.
   */
  readonly refresh: (refreshToken: string) => Promise<Response>;
  /** Told of the new tokens before they are used, so that they can be kept. @default nobody */
  readonly onTokens?: ((tokens: ClientTokens) => void | Promise<void>) | undefined;
  /** Told when the login is over. @default nobody */
  readonly onLoggedOut?: (() => void) | undefined;
  /** @default the global one */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * `fetch` for a client that logs in by tokens: sends the access token, exchanges it when the server refuses it, once for all
 * requests that wait, and sends the request again. Only a refresh that is refused as such (400, 401, 403) ends the
 * login: a server that is busy (429), failing (5xx) or out of reach says nothing of it.
 */
export class TokenClient {
  readonly #options: TokenClientOptions;
  #tokens: ClientTokens | undefined;
  #refreshing: Promise<Response | undefined> | undefined;

  constructor(options: TokenClientOptions) {
    this.#options = options;
    this.#tokens = options.tokens;
  }

  /** `undefined`: the login is over. */
  get tokens(): ClientTokens | undefined {
    return this.#tokens;
  }

  /** As `fetch`. A body that is a stream can't be sent twice: its request is answered with the first 401. */
  readonly fetch = async (
    input: string | URL,
    init: RequestInit & { readonly signal?: AbortSignal | null } = {},
  ): Promise<Response> => {
    const before = this.#tokens;
    const response = await this.#send(input, init);
    if (response.status !== 401 || !before || init.body instanceof ReadableStream) return response;
    if (this.#tokens === before) {
      const refused = await this.#refresh(before);
      // busy, or failing: that is the answer, and the login goes on
      if (refused) return refused;
    }
    if (!this.#tokens) return response;
    await response.body?.cancel();
    return await this.#send(input, init);
  };

  async #send(input: string | URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#tokens) headers.set("authorization", `Bearer ${this.#tokens.accessToken}`);
    return await (this.#options.fetch ?? fetch)(input, { ...init, headers });
  }

  /** Once for all that wait. A response is one that says nothing of the login. */
  async #refresh(before: ClientTokens): Promise<Response | undefined> {
    this.#refreshing ??= this.#exchange(before).finally(() => {
      this.#refreshing = undefined;
    });
    return (await this.#refreshing)?.clone();
  }

  async #exchange({ refreshToken }: ClientTokens): Promise<Response | undefined> {
    const response = await this.#options.refresh(refreshToken);
    if (response.ok) {
      const { accessToken, refreshToken: next } = (await response.json()) as ClientTokens;
      this.#tokens = { accessToken, refreshToken: next };
      await this.#options.onTokens?.(this.#tokens);
      return undefined;
    }
    if (![400, 401, 403].includes(response.status)) return response;
    this.#tokens = undefined;
    this.#options.onLoggedOut?.();
    return undefined;
  }
}
