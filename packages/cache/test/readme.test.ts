import { describeReadme } from "@infra/jest-preset/readme";

import { cacheErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: cacheErrors });
