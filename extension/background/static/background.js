// Chrome wakes us for an event and drops it unless a listener exists when this script returns: listen first, load after.
import init, { on_installed, on_menu, on_message } from "./brushaway_background.js";
const ready = init();
chrome.runtime.onInstalled.addListener(() => ready.then(on_installed));
chrome.contextMenus.onClicked.addListener((info, tab) => ready.then(() => on_menu(info.srcUrl, tab)));
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  if (message?.to !== "background") return false; // somebody else's
  ready.then(() => on_message(message.request, sender)).then(reply);
  return true; // the reply comes later
});
