import { describeReadme } from "@infra/jest-preset/readme";

import { storageErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: storageErrors });
