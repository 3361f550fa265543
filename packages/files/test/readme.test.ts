import { describeReadme } from "@infra/jest-preset/readme";

import { filesErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: filesErrors });
