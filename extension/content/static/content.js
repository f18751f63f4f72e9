// Runs in the page when the person asks for it: hosts the editor's frame and hands it the picture.
// Plain JavaScript, because WebAssembly here would fall under the page's content security policy.
(() => {
  if (globalThis.brushawayHost === (globalThis.brushawayHost = true)) return;
  const { named, under, read } = globalThis.brushawayPictures, { put, take, isPut } = globalThis.brushawayReplaced;
  let session = null; // { token, host, frame, element, picture, port }
  let said = {}; // texts by key, in the language that was chosen
  let clicked = null; // where the last right click was, known from the second one on
  addEventListener("contextmenu", ({ clientX: x, clientY: y }) => { clicked = { x, y }; }, { capture: true, passive: true });
  chrome.runtime.onMessage.addListener((message, _sender, reply) => {
    if (message?.brushaway === "open") reply(void open(message));
    if (message?.brushaway === "ready" && session?.token === message.token) reply(void handOver());
  });
  // The editor's tab, where a page lets no frame in, takes the bytes over a connection named after the token.
  chrome.runtime.onConnect.addListener(async (port) => {
    if (port.name !== session?.token) return;
    const { blob, ...facts } = await session.picture;
    session = null;
    port.postMessage({ facts: { ...facts, mime: blob?.type ?? "", size: blob?.size ?? -1 } });
    for (let at = 0; blob && at < blob.size; at += 3 << 20) {
      const bytes = new Uint8Array(await blob.slice(at, at + (3 << 20)).arrayBuffer());
      port.postMessage({ part: btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")) });
    }
  });
  async function open({ token, url, words }) {
    if (session) return session.frame?.focus();
    const point = clicked;
    [session, clicked, said] = [{ token }, null, words]; // the next menu may be opened by key
    const found = url ? named(url, point) : (point && under(document, point.x, point.y).next().value) || (await pick());
    const broken = found?.element?.localName === "img" && found.element.complete && !found.element.naturalWidth;
    if (!found || broken) session = null;
    if (!session) return found !== null && say(broken ? "page_broken_picture" : "page_no_picture");
    Object.assign(session, { element: found.element, picture: read(found) });
    crossOriginIsolated ? openTab() : showFrame();
  }
  // Lets the person point, because the browser does not say where a menu was opened: undefined = nothing there, null = left.
  function pick() {
    const sheet = layer("inset:0;cursor:crosshair"), mark = document.createElement("div"), hint = say("page_pick");
    mark.style.cssText = "position:fixed;pointer-events:none;outline:3px solid #ff3b6b;border-radius:4px;box-shadow:0 0 0 200vmax #0006";
    sheet.attachShadow({ mode: "closed" }).append(mark);
    let found;
    return new Promise((resolve) => {
      sheet.onmousemove = ({ clientX, clientY }) => {
        found = under(document, clientX, clientY).next().value;
        const [x, y, w, h] = found?.rect ?? [0, 0, 0, 0];
        Object.assign(mark.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
      };
      sheet.onclick = () => resolve(found);
      const left = new AbortController();
      addEventListener("keydown", (event) => event.key === "Escape" && (left.abort(), resolve(null)), { capture: true, signal: left.signal });
    }).finally(() => (sheet.remove(), hint.remove()));
  }
  // Something of ours on the page's top layer, out of reach of its styles.
  function layer(style) {
    const host = document.createElement("div");
    const base = "all:initial;position:fixed;z-index:2147483647;margin:0;padding:0;border:0;background:none;width:100%;height:100%;";
    host.style.cssText = (base + style).replace(/;|$/g, "!important;");
    document.documentElement.append(Object.assign(host, { popover: "manual", lang: said.language_tag, dir: said.language_direction }));
    host.showPopover();
    return host;
  }
  function showFrame() {
    const host = layer("inset:0"), frame = document.createElement("iframe");
    frame.style.cssText = "border:0;width:100%;height:100%;color-scheme:light dark;background:rgb(0 0 0/.5)";
    frame.allow = "clipboard-write *; web-share *"; // the frame does not keep the origin of its address
    frame.src = `${chrome.runtime.getURL("overlay/overlay.html")}#${session.token}`;
    // A page that lets no foreign frame in shows an empty one, and nobody answers from it.
    frame.onload = () => setTimeout(() => session && !session.port && openTab(), 2500);
    host.attachShadow({ mode: "closed" }).append(frame);
    Object.assign(session, { host, frame });
  }
  const openTab = () => (session.host?.remove(), chrome.runtime.sendMessage({ to: "background", request: { call: "open_editor", args: { token: session.token } } }));
  async function handOver() {
    const { host, frame, token, element, picture } = session, { port1, port2 } = new MessageChannel(), { style } = document.documentElement, { overflow } = style;
    [style.overflow, session.port] = ["hidden", port1]; // else the page's scroll bar stays; not earlier, for it draws the page anew
    port1.onmessage = async ({ data }) => {
      if (data === "close") host.remove(), (style.overflow = overflow), (session = null);
      else if (data.put || data === "take") port1.postMessage(data.put ? await put(element, data.put).catch(() => false) : take(element));
      else host.style.setProperty("visibility", data === "hide" ? "hidden" : "visible", "important");
      if (data === "hide") requestAnimationFrame(() => requestAnimationFrame(() => port1.postMessage("hidden")));
    };
    frame.focus();
    frame.contentWindow.postMessage({ token, picture: { ...(await picture), put: isPut(element) } }, new URL(chrome.runtime.getURL("")).origin, [port2]);
  }
  function say(key) {
    const note = layer("inset:auto 0 32px;height:auto;pointer-events:none"), words = document.createElement("p");
    words.style.cssText = "font:500 15px/1.4 system-ui;width:fit-content;max-width:32em;margin:auto;padding:.8em 1.2em;border-radius:10px;background:#1d1f24;color:#fff;box-shadow:0 4px 24px #0006";
    Object.assign(words, { role: "alert", textContent: said[key] });
    note.attachShadow({ mode: "closed" }).append(words);
    setTimeout(() => note.remove(), 6000);
    return note;
  }
})();
