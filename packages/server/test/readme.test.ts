import { describeReadme } from "@infra/jest-preset/readme";
import { serverErrors } from "@infra/server";

describeReadme(new URL("..", import.meta.url), { errors: serverErrors });
