import { describeReadme } from "@infra/jest-preset/readme";

import { databaseErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: databaseErrors });
