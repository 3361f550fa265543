export { findPostgres, startPostgres } from "./postgres-server.js";
export type { PostgresServer, StartPostgresOptions } from "./postgres-server.js";
export { findRedis, startRedis } from "./redis-server.js";
export type { RedisServer, StartRedisOptions } from "./redis-server.js";
export { testDatabases, testRedis } from "./test-engines.js";
export type { TestDatabase, TestEngine, TestEnvironment } from "./test-engines.js";
