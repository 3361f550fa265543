import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** A small OpenID provider: discovery, keys, and codes that are exchanged once, with PKCE. */
export class OpenIdProvider {
  readonly #server: Server;
  readonly #codes = new Map<string, URLSearchParams>();
  readonly #keys = generateKeyPair("RS256");
  /** Claims that the next id tokens have instead. */
  claims: Record<string, unknown> = {};
  /** What the token endpoint answers instead. */
  failure: number | undefined;
  /** Codes that were exchanged. */
  exchanged = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        void this.#respond(request.url!, Buffer.concat(chunks).toString(), response);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** What the browser brings back, once somebody has logged in at this address. */
  authorize(url: string): URLSearchParams {
    const asked = new URL(url).searchParams;
    const code = randomUUID();
    this.#codes.set(code, asked);
    return new URLSearchParams({ code, state: asked.get("state")!, iss: this.url });
  }

  async #respond(path: string, body: string, response: ServerResponse): Promise<void> {
    const [status, answer] = await this.#answer(path, body);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  async #answer(path: string, body: string): Promise<[number, unknown]> {
    if (path === "/.well-known/openid-configuration") {
      const issuer = this.url;
      return [
        200,
        {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
          authorization_response_iss_parameter_supported: true,
        },
      ];
    }
    if (path === "/jwks") {
      const jwk = await exportJWK((await this.#keys).publicKey);
      return [200, { keys: [{ ...jwk, kid: "k1", alg: "RS256", use: "sig" }] }];
    }
    if (this.failure !== undefined) return [this.failure, { error: "server_error" }];
    return await this.#exchange(new URLSearchParams(body));
  }

  async #exchange(body: URLSearchParams): Promise<[number, unknown]> {
    const asked = this.#codes.get(body.get("code") ?? "");
    this.#codes.delete(body.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(body.get("code_verifier") ?? "")
      .digest("base64url");
    if (!asked || asked.get("code_challenge") !== challenge) {
      return [400, { error: "invalid_grant" }];
    }
    this.exchanged += 1;
    const idToken = await new SignJWT({
      nonce: asked.get("nonce"),
      email: "ada@example.org",
      email_verified: true,
      name: "Ada",
      ...this.claims,
    })
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .setIssuer((this.claims["iss"] as string | undefined) ?? this.url)
      .setAudience((this.claims["aud"] as string | undefined) ?? "our-client")
      .setSubject("42")
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign((await this.#keys).privateKey);
    return [200, { access_token: "at", token_type: "bearer", id_token: idToken }];
  }
}
