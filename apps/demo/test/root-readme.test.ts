import { describeReadme } from "@infra/jest-preset/readme";

// here, since the app depends on every package that the README of the repository shows
describeReadme(new URL("..", import.meta.url), {
  readme: new URL("../../../README.md", import.meta.url),
  sections: ["Take one", "Compose"],
  env: { PORT: "0", DATABASE_URL: "pglite:memory", LOG_LEVEL: "fatal" },
});
