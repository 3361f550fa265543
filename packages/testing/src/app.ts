export { createTestApp, testEnvironment } from "./test-app.js";
export type { DefaultFakes, TestApp, TestAppFakes, TestAppOptions } from "./test-app.js";
