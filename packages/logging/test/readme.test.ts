import { describeReadme } from "@infra/jest-preset/readme";

import { loggingErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: loggingErrors });
