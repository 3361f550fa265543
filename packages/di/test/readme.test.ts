import { describeReadme } from "@infra/jest-preset/readme";

import { diErrors } from "../src/errors.js";

describeReadme(new URL("..", import.meta.url), { errors: diErrors });
