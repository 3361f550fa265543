import { describeReadme } from "@infra/jest-preset/readme";

// here, since the example depends on every package that the README of @infra/auth shows
describeReadme(new URL("..", import.meta.url), {
  readme: new URL("../../../../packages/auth/README.md", import.meta.url),
});
