import { describeReadme } from "@infra/jest-preset/readme";

import { promisesErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: promisesErrors });
