// Chrome wakes us for an event and drops it unless a listener exists when this script returns: listen first, load after.
import init, { on_installed, on_menu, on_message } from "./brushaway_background.js";
const ready = init();
chrome.runtime.onInstalled.addListener(({ reason }) => ready.then(() => on_installed(reason)));
chrome.contextMenus.onClicked.addListener((info, tab) => ready.then(() => on_menu(info.srcUrl, tab)));
chrome.commands.onCommand.addListener((_pick, tab) => ready.then(() => on_menu(undefined, tab)));
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  // Everything else is somebody else's; true says that the reply comes later.
  return message?.to === "background" && (ready.then(() => on_message(message.request, sender)).then(reply), true);
});
