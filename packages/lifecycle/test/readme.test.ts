import { describeReadme } from "@infra/jest-preset/readme";

import { lifecycleErrors } from "../src/errors.js";

describeReadme(new URL("..", import.meta.url), { errors: lifecycleErrors });
