import init, { start } from "./brushaway_popup.js";

await init();
start();
