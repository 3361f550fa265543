export { describeDatabaseContract } from "./database-contract.js";
export type { DatabaseContract } from "./database-contract.js";
export { MockDatabaseService, openTestDatabase } from "./mock-database-service.js";
export type { MockDatabaseOptions } from "./mock-database-service.js";
export { inRolledBackTransaction } from "./rolled-back-transaction.js";
export { templateDatabase } from "./template-database.js";
