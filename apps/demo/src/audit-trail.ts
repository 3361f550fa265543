import { DatabaseService } from "@infra/database";
import { section, tokens, type Inject, type Logger } from "@infra/interfaces";
import type { AuditEvent } from "@infra/middleware/audit";
import { BatchQueue, queueConfig, type ItemQueueOptions } from "@infra/queue";

interface Dependencies {
  readonly database: DatabaseService;
  readonly logger: Logger;
}

/** Who did what, written a hundred lines at a time; what waits is written before the process stops. */
export class AuditTrail extends BatchQueue<AuditEvent> {
  static readonly inject: Inject<typeof AuditTrail> = {
    options: section(queueConfig),
    database: DatabaseService,
    logger: tokens.logger,
  };

  constructor(options: ItemQueueOptions<AuditEvent>, { database, logger }: Dependencies) {
    super(
      {
        ...options,
        maxItems: 100,
        maxWait: "1s",
        attempts: 3,
        handle: async (events) => void (await database.insertMany("audit", events.map(toRow))),
      },
      { logger },
    );
  }
}

function toRow({ at, action, outcome, principalId, ip, requestId }: AuditEvent): object {
  return {
    at: new Date(at),
    action,
    outcome,
    account_id: principalId ?? null,
    address: ip ?? null,
    request_id: requestId ?? null,
  };
}
