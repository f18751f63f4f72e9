// Clients may connect as soon as this document exists: listen first, load after, and lose nothing in between.
import init, { start } from "./brushaway_offscreen.js";
const engine = init().then(() => start(new URLSearchParams(location.search).get("backend") ?? "auto"));
chrome.runtime.onConnect.addListener(async (port) => {
  let early = [], gone = false, keep = (message) => early.push(message);
  port.onMessage.addListener(keep), port.onDisconnect.addListener(() => (gone = true));
  const ready = await engine;
  port.onMessage.removeListener(keep);
  if (!gone) ready.accept(port, early);
});
