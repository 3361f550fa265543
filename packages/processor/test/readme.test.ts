import { describeReadme } from "@infra/jest-preset/readme";

import { processorErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: processorErrors });
