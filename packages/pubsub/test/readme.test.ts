import { describeReadme } from "@infra/jest-preset/readme";

import { pubsubErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: pubsubErrors });
