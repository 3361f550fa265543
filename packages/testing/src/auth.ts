export { describeAccountStoreContract } from "./auth-contract/account-store.js";
export { describeApiKeyStoreContract } from "./auth-contract/api-key-store.js";
export { describeRefreshTokenStoreContract } from "./auth-contract/refresh-token-store.js";
