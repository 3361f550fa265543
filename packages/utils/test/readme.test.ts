import { describeReadme } from "@infra/jest-preset/readme";

import { utilsErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: utilsErrors });
