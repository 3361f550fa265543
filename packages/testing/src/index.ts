export { describeCacheStoreContract } from "./cache-store-contract.js";
export type { CacheStoreContractOptions } from "./cache-store-contract.js";
export { FakeAuthenticator } from "./fake-authenticator.js";
export { FakeEncrypter } from "./fake-encrypter.js";
export { FakePasswordHasher } from "./fake-password-hasher.js";
export { FakeTokenSigner } from "./fake-token-signer.js";
export { describeInvalidationBusContract } from "./invalidation-bus-contract.js";
export { describeJobEngineContract, type JobEngineUnderTest } from "./job-engine-contract.js";
export { describeLogTransportContract } from "./log-transport-contract.js";
export type { LogTransportUnderTest } from "./log-transport-contract.js";
export { ManualClock, settle } from "./manual-clock.js";
export { MemoryInvalidationBus } from "./memory-invalidation-bus.js";
export { MemoryMailer } from "./memory-mailer.js";
export { findMysql, startMysql } from "./mysql-server.js";
export type { MysqlServer, StartMysqlOptions } from "./mysql-server.js";
export { describePasswordHasherContract } from "./password-hasher-contract.js";
export { findPostgres, startPostgres } from "./postgres-server.js";
export type { PostgresServer, StartPostgresOptions } from "./postgres-server.js";
export { describePubSubContract } from "./pubsub-contract.js";
export type { PubSubContractOptions, PubSubEnds } from "./pubsub-contract.js";
export { describeQueueContract, type QueueContractHandler } from "./queue-contract.js";
export { describeRateLimitStoreContract } from "./rate-limit-store-contract.js";
export { findRedis, startRedis } from "./redis-server.js";
export type { RedisServer, StartRedisOptions } from "./redis-server.js";
export { describeSessionStoreContract } from "./session-store-contract.js";
export { testDatabases, testRedis } from "./test-engines.js";
export type {
  TestDatabase,
  TestDatabaseName,
  TestEngine,
  TestEnvironment,
} from "./test-engines.js";
export { until } from "./until.js";
