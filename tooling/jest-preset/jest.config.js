import { preset } from "./index.js";

export default preset(import.meta.url);
