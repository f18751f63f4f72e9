// Shows results in place of the page's pictures, also when the editor is closed, and brings the page's own back.
(() => {
  let pointer = [0, 0], held = new Map(); // by element: { show, url }
  if (globalThis.brushawayReplaced) return;
  // Where an element says what it shows: read as the page wrote it, and written as we want it.
  const attribute = (node, name, ours) => ({ node, ours, read: () => node.getAttribute(name), write: (value) => (node.setAttribute(name, value ?? `${node.src} 1x`), value ?? node.removeAttribute(name)) }); // Chromium remembers the last density
  const property = (node, name, ours) => ({ node, ours, read: () => node.style.getPropertyValue(name), write: (value) => node.style.setProperty(name, value, value === ours ? "important" : "") });
  function placesOf(element, url, width) {
    const { localName, parentNode, naturalWidth } = element, image = getComputedStyle(element).backgroundImage;
    if (localName === "img") {
      // With a width and a size, which win over `src`, the picture stays as large as it was, whatever its density.
      const sources = parentNode?.localName === "picture" ? [...parentNode.querySelectorAll("source")] : [];
      const own = [["sizes", `${naturalWidth}px`], ["srcset", `${url} ${width}w`]].map((entry) => attribute(element, ...entry));
      return [...sources.map((source) => attribute(source, "media", "not all")), ...own];
    }
    if (localName !== "canvas") return [property(element, "background-image", image.replace(/url\(".+?"\)/, `url("${url}")`))];
    // Behind a canvas whose own pixels are moved out of it: so it may go on drawing.
    const behind = { "object-position": "-99999px 0px", "background-image": `url("${url}")`, "background-size": "100% 100%", "background-origin": "content-box", "background-clip": "content-box" };
    return Object.entries(behind).map((entry) => property(element, ...entry));
  }
  // Scripts of the page that load pictures late set theirs again: it is remembered, and ours stays, unless they insist.
  function hold(places) {
    let theirs = places.map((place) => place.read()), settled = [], shown = false, patience = 100;
    const watch = new MutationObserver(() => {
      theirs = places.map((place, i) => (place.read() === settled[i] ? theirs[i] : place.read()));
      if (patience-- > 0) show(true, (shown = false));
    });
    const show = (result) => {
      if (result === shown) return;
      watch.disconnect(), places.forEach((place, i) => place.write(result ? place.ours : theirs[i]));
      [shown, settled] = [result, places.map((place) => place.read())];
      for (const { node } of result ? places : []) watch.observe(node, { attributeFilter: ["srcset", "sizes", "media", "style"] });
    };
    return show;
  }
  // Answers whether the page allows it: a policy that does not says so at once.
  async function put(element, { file, width }) {
    take(element);
    const url = URL.createObjectURL(file), show = hold(placesOf(element, url, width)), signal = AbortSignal.timeout(500);
    const blocked = await new Promise((done) => {
      signal.onabort = () => done(false);
      element.ownerDocument.addEventListener("securitypolicyviolation", ({ blockedURI }) => blockedURI.startsWith("blob") && done(true), { signal });
      held.set(element, { show, url }), show(true);
    });
    return !blocked || !take(element);
  }
  const take = (element) => (held.get(element)?.show(false), URL.revokeObjectURL(held.get(element)?.url), held.delete(element));
  // Alt over a picture shows the page's own for as long as it is held.
  const peek = ({ altKey, clientX = pointer[0], clientY = pointer[1] }) => {
    pointer = [clientX, clientY];
    const under = altKey && held.size ? [...globalThis.brushawayPictures.under(document, ...pointer)].map((found) => found.element) : [];
    for (const [element, { show }] of held) show(!under.includes(element));
  };
  for (const name of ["keydown", "keyup", "pointermove", "blur"]) addEventListener(name, peek, { capture: true, passive: true });
  globalThis.brushawayReplaced = { put, take, isPut: (element) => (element ? held.has(element) : null) };
})();
