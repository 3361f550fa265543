import { describeReadme } from "@infra/jest-preset/readme";

import { authErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: authErrors });
