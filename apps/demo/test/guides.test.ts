import { describeReadme } from "@infra/jest-preset/readme";

const guides: Readonly<Record<string, readonly string[]>> = {
  start: ["The service"],
  compose: ["Classes of your own", "Two of a kind"],
  configure: ["Where a value comes from", "A section of your own"],
  test: ["Without a server", "A whole application", "Time", "Faults"],
  extend: ["A log transport"],
};

// here, since the app depends on every package that the guides show
for (const [name, sections] of Object.entries(guides)) {
  describeReadme(new URL("..", import.meta.url), {
    readme: new URL(`../../../tooling/docs/guides/${name}.md`, import.meta.url),
    sections,
    env: { PORT: "0", DATABASE_URL: "pglite:memory", LOG_LEVEL: "fatal", NODE_ENV: "development" },
  });
}
