import { describeReadme } from "@infra/jest-preset/readme";

import { jobsErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: jobsErrors });
