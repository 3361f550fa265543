import { systemClock, type Clock } from "@infra/interfaces";

import type { AuthStores } from "../auth-stores.js";
import { MemoryAccountStore } from "../memory/account-store.js";
import { MemoryApiKeyStore } from "../memory/api-key-store.js";
import { MemoryRefreshTokenStore } from "../memory/refresh-token-store.js";
import { MemorySessionStore } from "../memory/session-store.js";

export { MemoryAccountStore } from "../memory/account-store.js";
export { MemoryApiKeyStore } from "../memory/api-key-store.js";
export { MemoryRefreshTokenStore } from "../memory/refresh-token-store.js";
export { MemorySessionStore, type MemorySessionStoreOptions } from "../memory/session-store.js";

/** All stores in this process: what is used when there is no other, and gone when the process ends. */
export class MemoryAuthStores implements AuthStores {
  readonly accounts: MemoryAccountStore = new MemoryAccountStore();
  readonly sessions: MemorySessionStore;
  readonly refreshTokens: MemoryRefreshTokenStore = new MemoryRefreshTokenStore();
  readonly apiKeys: MemoryApiKeyStore = new MemoryApiKeyStore();

  constructor({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.sessions = new MemorySessionStore({}, { clock });
  }
}
