// Point clouds that turn together under mouse, touch and keys, and points in the plane.

/** Coordinates of a PLY file in the binary form that Duel writes: three little-endian floats a vertex. */
function readCloud(bytes) {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 2000));
  const end = head.indexOf("end_header\n");
  const count = Number(/element vertex (\d+)/.exec(head)?.[1] ?? 0);
  if (end < 0 || !head.includes("binary_little_endian")) return null;
  const start = end + "end_header\n".length;
  if (bytes.length < start + count * 12) return null;
  return new Float32Array(bytes.slice(start, start + count * 12).buffer);
}

/** The centre of a cloud and the largest distance from it. */
function extent(points) {
  const centre = [0, 1, 2].map((axis) => {
    let low = Infinity, high = -Infinity;
    for (let index = axis; index < points.length; index += 3) {
      low = Math.min(low, points[index]);
      high = Math.max(high, points[index]);
    }
    return (low + high) / 2;
  });
  let radius = 1e-6;
  for (let index = 0; index < points.length; index += 3) {
    radius = Math.max(radius, Math.hypot(...centre.map((value, axis) => points[index + axis] - value)));
  }
  return { centre, radius };
}

function drawCloud(canvas, points, turn) {
  const view = context(canvas);
  if (!view) return;
  const { centre, radius } = extent(points);
  const [cy, sy, cx, sx] = [Math.cos(turn.yaw), Math.sin(turn.yaw), Math.cos(turn.pitch), Math.sin(turn.pitch)];
  const size = Math.min(view.width, view.height) * 0.46 / radius;
  const placed = [];
  for (let index = 0; index < points.length; index += 3) {
    const [x, y, z] = centre.map((value, axis) => points[index + axis] - value);
    const [side, depth] = [x * cy + z * sy, z * cy - x * sy];
    placed.push([side, y * cx - depth * sx, (depth * cx + y * sx) / radius]);
  }
  placed.sort((one, other) => one[2] - other[2]);
  view.drawing.fillStyle = colour("--c0");
  const width = Math.max(1.5, view.width / 110);
  for (const [x, y, depth] of placed) {
    view.drawing.globalAlpha = 0.35 + 0.6 * (depth + 1) / 2;
    const near = width * (1 + 0.35 * depth);
    view.drawing.beginPath();
    view.drawing.arc(view.width / 2 + x * size, view.height / 2 - y * size, near, 0, 7);
    view.drawing.fill();
  }
  view.drawing.globalAlpha = 1;
}

const turn = { yaw: 0.6, pitch: -0.35 };
/** Clouds side by side; Enter or a double click makes one large. */
function cloudItems(items) {
  const place = element("div", {
    class: "clouds", role: "group",
    "aria-label": "Point clouds. Arrow keys turn them, Enter makes one large.",
  });
  const drawn = items.map((item) => {
    const points = readCloud(bytesOf(item.base64));
    const canvas = element("canvas", {
      tabindex: 0, role: "img",
      "aria-label": `${item.name}: ${points ? points.length / 3 : "no"} points; arrow keys turn, Enter makes it large or small`,
    });
    if (points) {
      keepDrawn(canvas, () => drawCloud(canvas, points, turn));
      turnable(canvas, () => drawn.forEach((draw) => draw()));
    }
    place.append(canvas);
    return () => { if (points) drawCloud(canvas, points, turn); };
  });
  return place;
}

function turnable(canvas, redrawAll) {
  const by = (yaw, pitch) => {
    turn.yaw += yaw;
    turn.pitch = Math.min(Math.max(turn.pitch + pitch, -1.57), 1.57);
    redrawAll();
  };
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) by(event.movementX * 0.01, -event.movementY * 0.01);
  });
  const enlarge = () => { canvas.classList.toggle("large"); redrawAll(); };
  canvas.addEventListener("dblclick", enlarge);
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }[event.key];
    if (event.key === "Enter") enlarge();
    else if (move) by(...move);
    else return;
    event.preventDefault();
  });
}

/** Points in the plane: a table of `x,y` as a picture. */
function planeItem(item) {
  const points = item.text.trim().split("\n").slice(1).map((row) => row.split(",").map(Number));
  const canvas = element("canvas", { role: "img", "aria-label": `${item.name}: ${points.length} points in the plane` });
  canvas.style.cssText = "display:block;margin:0 auto;width:min(100%,26rem);aspect-ratio:1";
  keepDrawn(canvas, () => {
    const view = context(canvas);
    if (!view) return;
    const reach = Math.max(...points.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))), 1e-6) * 1.05;
    view.drawing.fillStyle = colour("--c0");
    view.drawing.globalAlpha = 0.7;
    for (const [x, y] of points) {
      view.drawing.fillRect((x / reach + 1) / 2 * view.width, (1 - y / reach) / 2 * view.height, 2 * view.scale, 2 * view.scale);
    }
  });
  return element("figure", {}, canvas);
}
