import { CacheService } from "@infra/cache";
import { ConfigService } from "@infra/config";
import { NotFoundError } from "@infra/errors";
import { tokens } from "@infra/interfaces";
import { JobsService } from "@infra/jobs";
import { StorageService } from "@infra/storage";
import { z } from "zod";

import type { AppRoutes } from "../routes.js";
import { AdminFeed } from "./admin-feed.js";
import { jobsOf } from "./admin-jobs.js";
import { jobStates, logLevels } from "./contract.js";
import type { Configuration, Health, Logs, Metrics } from "./contract.js";
import { overviewOf } from "./overview.js";
import { findLines } from "./recent-logs.js";
import { storageUse } from "./storage-use.js";

const LogQuery = z.object({
  level: z.enum(logLevels).default("trace"),
  q: z.string().max(200).default(""),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
const JobsQuery = z.object({ state: z.enum(jobStates).default("failed") });
const JobId = z.object({ id: z.string().max(200) });

/** Only for who may do so: the authorizer is asked before the handler. */
const [read, change] = [{ can: "admin.read" }, { can: "admin.change" }];

/** The operators' side over HTTP; what is live goes over the topic admin.live. */
export const addAdminRoutes: AppRoutes = (routes, container) => {
  const feed = container.get(AdminFeed);
  const jobs = container.get(JobsService);

  routes.get("/api/admin/overview", { config: read }, () => overviewOf(container));

  routes.get("/api/admin/health", { config: read }, async (): Promise<Health> => {
    const { status, checks } = await container.get(tokens.lifecycle).probe("ready");
    return { status, checks };
  });

  routes.get("/api/admin/metrics", { config: read }, async (): Promise<Metrics> => {
    const storage = await storageUse(container.get(CacheService), container.get(StorageService));
    return { processes: feed.series, storage };
  });

  routes.get(
    "/api/admin/logs",
    { config: read, schema: { querystring: LogQuery } },
    async ({ query }): Promise<Logs> => ({ lines: findLines(feed.lines, query) }),
  );

  routes.get("/api/admin/config", { config: read }, async (): Promise<Configuration> => {
    const settings = container.get(ConfigService).explainAll();
    return {
      settings: settings.map(({ path, doc, value, origin, outdone }) => ({
        path,
        doc,
        value,
        source: origin?.source,
        outdone: outdone.map(({ source }) => source),
      })),
    };
  });

  routes.get("/api/admin/jobs", { config: read, schema: { querystring: JobsQuery } }, ({ query }) =>
    jobsOf(jobs, query.state),
  );

  routes.post(
    "/api/admin/jobs/:id/retry",
    { config: change, schema: { params: JobId } },
    async ({ params }) => {
      if (await jobs.admin.redrive(params.id)) return { redriven: 1 };
      throw new NotFoundError("this job did not fail, or is gone");
    },
  );

  routes.post("/api/admin/jobs/redrive", { config: change }, async () => ({
    redriven: await jobs.admin.redriveAll(),
  }));
};
