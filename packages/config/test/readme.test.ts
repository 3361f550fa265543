import { describeReadme } from "@infra/jest-preset/readme";

import { configErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: configErrors });
