import { describeReadme } from "@infra/jest-preset/readme";
import { middlewareErrors } from "@infra/middleware";

describeReadme(new URL("..", import.meta.url), { errors: middlewareErrors });
