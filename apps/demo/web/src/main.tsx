import { render } from "preact";

import { App } from "./app.js";

import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";

render(<App />, document.querySelector("#app")!);
