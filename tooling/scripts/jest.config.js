import { preset } from "@infra/jest-preset";

export default preset(import.meta.url);
