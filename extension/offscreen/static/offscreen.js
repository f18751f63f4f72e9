// Clients may connect as soon as this document exists: listen first, load after, and lose nothing in between.
import init, { start } from "./brushaway_offscreen.js";

const engine = init().then(() => start(new URLSearchParams(location.search).get("backend") ?? "auto"));

chrome.runtime.onConnect.addListener((port) => {
  const early = [];
  let gone = false;
  const keep = (message) => early.push(message);
  port.onMessage.addListener(keep);
  port.onDisconnect.addListener(() => (gone = true));
  engine.then((ready) => {
    port.onMessage.removeListener(keep);
    if (!gone) ready.accept(port, early);
  });
});
