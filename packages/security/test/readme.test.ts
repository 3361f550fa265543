import { describeReadme } from "@infra/jest-preset/readme";

import { securityErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: securityErrors });
