// The document may ask before the binary is there: listen first, and lose nothing.
import init, { start } from "./brushaway_store.js";
const early = [];
self.onmessage = (event) => early.push(event.data);
const store = await init().then(() => start());
self.onmessage = (event) => store.hear(event.data);
early.forEach((data) => store.hear(data));
