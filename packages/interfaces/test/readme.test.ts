import { describeReadme } from "@infra/jest-preset/readme";

describeReadme(new URL("..", import.meta.url));
