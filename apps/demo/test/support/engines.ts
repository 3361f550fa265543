import { testDatabases, testRedis } from "@infra/testing";
import { startS3 } from "@infra/testing/s3";

/** What the app can run on: everything embedded, or PostgreSQL, Redis and S3. */
export interface Engines {
  readonly title: string;
  readonly missing: string | undefined;
  env(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export async function engines(): Promise<readonly Engines[]> {
  const [postgres] = await testDatabases(process.env, ["postgres"]);
  const redis = testRedis(process.env);
  const missing = postgres!.missing ?? redis.missing;
  let s3: Awaited<ReturnType<typeof startS3>> | undefined;
  return [
    { title: "embedded", missing: undefined, env: async () => ({}), close: async () => {} },
    {
      title: `on PostgreSQL, Redis and S3${missing === undefined ? "" : ` (skipped: ${missing})`}`,
      missing,
      async env() {
        s3 = await startS3();
        return {
          DATABASE_URL: await postgres!.url(),
          REDIS_URL: await redis.url(),
          STORAGE_URL: s3.storageUrl,
        };
      },
      async close() {
        await s3?.stop();
        await postgres!.close();
        await redis.close();
      },
    },
  ];
}
