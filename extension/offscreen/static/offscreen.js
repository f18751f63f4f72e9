import init, { start } from "./brushaway_offscreen.js";

await init();
start(new URLSearchParams(location.search).get("backend") ?? "auto");
