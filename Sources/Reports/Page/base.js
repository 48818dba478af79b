// What all parts of the page share: its data, elements, numbers, colours.

const data = JSON.parse(document.getElementById("data").textContent);

/** Makes an element of HTML or, with `svg:` before its name, of SVG. Text never becomes markup. */
function element(name, attributes = {}, ...children) {
  const made = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A number for people: four significant digits, never more than it needs. */
function spelled(value) {
  if (value === null || value === undefined) return "none";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** The page's colour of a name, such as `--ink`, as it is in the light or the dark. */
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

const darkness = matchMedia("(prefers-color-scheme: dark)");
const prefersStillness = matchMedia("(prefers-reduced-motion: reduce)");
const redrawn = new Set();
/** Draws now, and anew whenever the colours change or the window does, as long as the canvas is on the page. */
function keepDrawn(canvas, draw) {
  const entry = () => { if (canvas.isConnected) draw(); else redrawn.delete(entry); };
  redrawn.add(entry);
  requestAnimationFrame(entry);
}
const redraw = () => { for (const draw of [...redrawn]) draw(); };
darkness.addEventListener("change", redraw);
let resizing = 0;
addEventListener("resize", () => { cancelAnimationFrame(resizing); resizing = requestAnimationFrame(redraw); });

/** A canvas' context, its size that of the screen's pixels; nothing where it has no size yet. */
function context(canvas) {
  const scale = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (width < 1 || height < 1) return null;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const drawing = canvas.getContext("2d");
  drawing.clearRect(0, 0, width, height);
  return { drawing, width, height, scale };
}

/** The bytes behind base64. */
function bytesOf(base64) { return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)); }
