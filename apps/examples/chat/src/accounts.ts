import { randomUUID } from "node:crypto";

import type { Authenticator, Credential, Principal, Revocation } from "@infra/interfaces";
import type { PubSubService } from "@infra/pubsub";
import { TokenService } from "@infra/security";

const revoked = "sessions.revoked";

/** Who signed in, for all servers: tokens that each verifies by itself, and a kept topic of those that were signed out. */
export class Accounts implements Authenticator {
  readonly #pubsub: PubSubService;
  readonly #tokens: TokenService;
  readonly #revoked = new Set<string>();
  readonly #listeners = new Set<(revocation: Revocation) => void>();

  constructor(secret: string, pubsub: PubSubService) {
    this.#pubsub = pubsub;
    this.#tokens = new TokenService({
      key: secret,
      audience: "chat",
      clockTolerance: 0,
      isRevoked: ({ jti }) => jti === undefined || this.#revoked.has(jti),
    });
  }

  /** Learns who was signed out, before and from now on. */
  async start(): Promise<void> {
    await this.#pubsub.subscribe<string>(
      revoked,
      (session) => {
        this.#revoked.add(session);
        for (const listener of this.#listeners) listener({ credentialId: session });
      },
      { cursor: "0" },
    );
  }

  signIn(name: string, tenant: string, expiresInMs: number): Promise<string> {
    return this.#tokens.sign(
      { sub: `${name}@${tenant}`, tenant, jti: randomUUID() },
      { expiresIn: expiresInMs },
    );
  }

  async signOut(token: string): Promise<void> {
    const { jti } = await this.#tokens.verify(token);
    await this.#pubsub.publish(revoked, jti!);
  }

  /** The gateway listens to this by itself. */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async authenticate({ value }: Credential): Promise<Principal | undefined> {
    try {
      const { sub, tenant, jti, exp } = await this.#tokens.verify(value);
      return {
        id: sub!,
        roles: [],
        tenantId: String(tenant),
        credentialId: jti,
        expiresAt: exp! * 1_000,
      };
    } catch {
      return undefined;
    }
  }
}
