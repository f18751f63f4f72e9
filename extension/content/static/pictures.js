// Finds pictures in the page, through shadow trees and frames of the same origin, and reads their bytes.
(() => {
  // The picture whose address the browser named; of several the one nearest to the right click.
  function named(url, point) {
    const distance = ({ rect: [x, y, w, h] }) => (point ? Math.hypot(x + w / 2 - point.x, y + h / 2 - point.y) : -w * h);
    return pictures(document).filter((found) => found.url === url).sort((a, b) => distance(a) - distance(b))[0] ?? { url };
  }
  // The pictures under a point of the window, topmost first. `left` and `top` are where the root's own window begins.
  function* under(root, x, y, left = 0, top = 0) {
    for (const element of root.elementsFromPoint(x - left, y - top)) {
      const inner = inside(element, left, top);
      if (inner && inner[0] !== root) yield* under(inner[0], x, y, inner[1], inner[2]);
      yield* seen(element, left, top);
    }
  }
  const pictures = (root, left = 0, top = 0) => [...root.querySelectorAll("*")].flatMap((element) => {
    const inner = inside(element, left, top);
    return [...seen(element, left, top), ...(inner ? pictures(...inner) : [])];
  });
  // Those with an address, each once, with a small copy where the page may make one.
  const listed = () => [...new Map(pictures(document).map((found) => [found.url, found])).values()].filter(({ url, rect: [, , w, h] }) => url && w * h > 1600).map(({ url, element, rect }) => {
    const { naturalWidth: width = rect[2], naturalHeight: height = rect[3] } = element, facts = { url, rect, width, height, view: innerWidth };
    const canvas = Object.assign(document.createElement("canvas"), { width: 96, height: 96 }), small = () => (canvas.getContext("2d").drawImage(element, 0, 0, 96, 96), canvas.toDataURL("image/webp"));
    try { return { ...facts, small: small() }; } catch { return { ...facts, small: "" }; }
  });
  // What an element holds that the page's own queries do not reach: a shadow tree, a frame of the same origin.
  function inside(element, left, top) {
    const shadow = element instanceof HTMLElement && chrome.dom.openOrClosedShadowRoot(element);
    if (shadow) return [shadow, left, top];
    if (element.localName !== "iframe" || !element.contentDocument) return null; // null too if of another origin
    const box = element.getBoundingClientRect();
    return [element.contentDocument, left + box.x + element.clientLeft, top + box.y + element.clientTop];
  }
  function seen(element, left, top) {
    const url = addressOf(element), box = element.getBoundingClientRect();
    return url === null ? [] : [{ url, element, rect: [box.x + left, box.y + top, box.width, box.height] }];
  }
  // The address of what an element shows; empty for pixels without one, null if it shows no picture.
  function addressOf(element) {
    if (element.localName === "img") return element.currentSrc || element.src;
    if (["canvas", "video", "svg"].includes(element.localName)) return "";
    const background = getComputedStyle(element).backgroundImage.match(/url\("(.+?)"\)/);
    return background ? new URL(background[1], document.baseURI).href : null;
  }
  // The file's own bytes where they can be had, so that nothing is lost; `force-cache` takes what the page loaded.
  async function read({ element, url, rect }) {
    const facts = { url, rect: rect ?? null, ratio: devicePixelRatio, reason: "", gone: false, drawn: false, blob: null };
    try {
      if (!url) return { ...facts, blob: await draw(element) };
      const answer = await fetch(url, { cache: "force-cache" }), blob = await answer.blob();
      if (answer.ok && /^(image\/|application\/octet-stream|$)/.test(blob.type)) return { ...facts, blob };
      // A refusal may yet give way to a permission.
      Object.assign(facts, { gone: [404, 410].includes(answer.status), reason: `${answer.status} ${blob.type}` });
    } catch (error) {
      facts.reason = String(error);
    }
    // What the page still shows is as good as the file; the browser guards the pixels of other sites.
    const blob = url && (await draw(element).catch(() => null));
    return blob ? { ...facts, blob, drawn: true } : facts;
  }
  async function draw(element) {
    if (element.localName === "svg") {
      const copy = element.cloneNode(true), { width, height } = element.getBoundingClientRect();
      copy.setAttribute("width", width), copy.setAttribute("height", height);
      return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
    }
    const { videoWidth, videoHeight, naturalWidth, naturalHeight, width, height } = element;
    const canvas = new OffscreenCanvas(videoWidth ?? naturalWidth ?? width, videoHeight ?? naturalHeight ?? height);
    canvas.getContext("2d").drawImage(element, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  }
  globalThis.brushawayPictures ??= { named, under, read, listed };
})();
