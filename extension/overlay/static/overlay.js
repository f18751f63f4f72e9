import init, { start } from "./brushaway_overlay.js";

await init();
start(false);
