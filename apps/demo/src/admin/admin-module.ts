import type { Container } from "@infra/di";

import { AdminFeed } from "./admin-feed.js";
import { ProcessMeter } from "./process-meter.js";

/** What the operators' side consists of, in every process: what it shows comes from all of them. */
export function bindAdmin(container: Container): void {
  container.bind(ProcessMeter).toSelf().inSingletonScope();
  container.bind(AdminFeed).toSelf().inSingletonScope();
}
