import { defineJob } from "@infra/jobs";

export const short = defineJob("short", { attempts: 3 });
export const long = defineJob("long", { attempts: 3 });
export const poison = defineJob("poison", {
  attempts: 2,
  backoff: { kind: "fixed", delay: 50 },
  timeout: "2s",
});
