import { describeReadme } from "@infra/jest-preset/readme";

import { queueErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: queueErrors });
