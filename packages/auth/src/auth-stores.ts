import type { SessionStore } from "@infra/interfaces";

import type { AccountStore } from "./account-store.js";
import type { ApiKeyStore } from "./api-key-store.js";
import type { RefreshTokenStore } from "./refresh-token-store.js";

/** All that is kept, by one engine: `MemoryAuthStores`, `SqlAuthStores`, or any other. */
export interface AuthStores {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly apiKeys: ApiKeyStore;
  /** Makes what is needed; idempotent. First use does it too. */
  open?(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
