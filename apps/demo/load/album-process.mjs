// The app as it is built, under the load.
import "./collect.mjs";
import "../dist/main.js";
