import { describeReadme } from "@infra/jest-preset/readme";

import { embeddedPostgresErrors } from "../src/index.js";

describeReadme(new URL("..", import.meta.url), { errors: embeddedPostgresErrors });
