// Curves over steps, as SVG: one chart for each family of numbers, read with mouse, touch or arrow keys.

const palette = ["--c0", "--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7"];
const frame = { width: 360, height: 190, left: 46, right: 10, top: 10, bottom: 24 };

/** Round numbers that span a range. */
function ticks(low, high, count) {
  const raw = (high - low) / Math.max(count, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const marks = [];
  for (let mark = Math.ceil(low / step) * step; mark <= high + step * 1e-9; mark += step) marks.push(mark);
  return marks;
}

/** What maps values to heights: logarithmic where all are positive and span more than three decades. */
function heights(chart) {
  const values = chart.curves.flatMap((curve) => curve.values).filter((value) => value !== null);
  if (chart.reference !== null && chart.reference !== undefined) values.push(chart.reference);
  let low = Math.min(...values), high = Math.max(...values);
  const isLogarithmic = low > 0 && high / low > 1000;
  const shape = isLogarithmic ? Math.log10 : (value) => value;
  [low, high] = [shape(low), shape(high)];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  [low, high] = [low - margin, high + margin];
  const span = frame.height - frame.top - frame.bottom;
  const y = (value) => frame.top + span * (1 - (shape(value) - low) / (high - low));
  let marks = isLogarithmic
    ? ticks(low, high, 4).filter(Number.isInteger).map((power) => 10 ** power)
    : ticks(low, high, 4);
  if (marks.length === 0) marks = values.slice(0, 1);
  return { y, marks };
}

/** A path through the values; where one is missing or not finite the curve breaks. */
function path(curve, x, y) {
  let text = "", isDrawing = false;
  curve.values.forEach((value, index) => {
    if (value === null) { isDrawing = false; return; }
    text += `${isDrawing ? "L" : "M"}${x(curve.steps[index]).toFixed(1)} ${y(value).toFixed(1)}`;
    isDrawing = true;
  });
  return text;
}

/** The index of the step that is nearest to one. */
function nearest(steps, step) {
  let best = 0;
  steps.forEach((other, index) => { if (Math.abs(other - step) < Math.abs(steps[best] - step)) best = index; });
  return best;
}

function summary(chart) {
  return chart.curves.map((curve) => {
    const known = curve.values.filter((value) => value !== null);
    if (known.length === 0) return `${curve.name}: no number`;
    return `${curve.name}: from ${spelled(known[0])} to ${spelled(known.at(-1))}, `
      + `lowest ${spelled(Math.min(...known))}, highest ${spelled(Math.max(...known))}`;
  }).join("; ");
}

/** One chart with its legend, whose numbers follow the cursor. */
function makeChart(chart) {
  const figure = element("figure", { class: "chart" });
  const caption = element("figcaption", {}, chart.title);
  if (chart.remark) caption.append(" ", element("small", {}, chart.remark));
  figure.append(caption);
  const last = Math.max(1, ...chart.curves.flatMap((curve) => curve.steps));
  const x = (step) => frame.left + (frame.width - frame.left - frame.right) * (step / last);
  const { y, marks } = heights(chart);
  const svg = element("svg:svg", {
    viewBox: `0 0 ${frame.width} ${frame.height}`, tabindex: 0, role: "img",
    "aria-label": `${chart.title} over steps. ${summary(chart)}. Left and right arrow keys read single steps.`,
  });
  for (const mark of marks) {
    svg.append(
      element("svg:line", { class: "grid", x1: frame.left, x2: frame.width - frame.right, y1: y(mark), y2: y(mark) }),
      element("svg:text", { x: frame.left - 6, y: y(mark) + 4, "text-anchor": "end" }, spelled(mark)));
  }
  for (const mark of ticks(0, last, 4)) {
    svg.append(element("svg:text", { x: x(mark), y: frame.height - 6, "text-anchor": "middle" }, spelled(mark)));
  }
  if (chart.reference !== null && chart.reference !== undefined) {
    svg.append(element("svg:line", {
      class: "reference", x1: frame.left, x2: frame.width - frame.right, y1: y(chart.reference), y2: y(chart.reference),
    }));
  }
  const numbers = [];
  const legend = element("ul", { class: "legend" });
  chart.curves.forEach((curve, index) => {
    const paint = `var(${palette[index % palette.length]})`;
    const dash = index >= palette.length ? "5 3" : null;
    if (curve.errors) svg.append(element("svg:path", { class: "band", style: `fill:${paint}`, d: band(curve, x, y) }));
    svg.append(element("svg:path", {
      class: "curve", style: `stroke:${paint}`, "stroke-dasharray": dash, d: path(curve, x, y),
    }));
    // A single value is no line.
    const known = curve.steps.filter((_, at) => curve.values[at] !== null);
    if (known.length === 1) {
      const value = curve.values[curve.steps.indexOf(known[0])];
      svg.append(element("svg:circle", { cx: x(known[0]), cy: y(value), r: 3.5, style: `fill:${paint}` }));
      const error = curve.errors?.[curve.steps.indexOf(known[0])];
      if (error) {
        svg.append(element("svg:line", {
          x1: x(known[0]), x2: x(known[0]), y1: y(value - error), y2: y(value + error), style: `stroke:${paint};stroke-width:2`,
        }));
      }
    }
    const number = element("b", {}, spelled(curve.values.filter((value) => value !== null).at(-1)));
    numbers.push(number);
    legend.append(element("li", {}, element("i", { style: `background:${paint}` }), `${curve.name} `, number));
  });
  const cursor = element("svg:line", { class: "cursor", y1: frame.top, y2: frame.height - frame.bottom, visibility: "hidden" });
  const place = element("svg:text", { y: frame.top + 2, "text-anchor": "middle" });
  svg.append(cursor, place);
  const steps = [...new Set(chart.curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  let current = steps.length - 1;
  const show = (index) => {
    current = Math.max(0, Math.min(steps.length - 1, index));
    const step = steps[current];
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(step));
    cursor.setAttribute("visibility", "visible");
    place.setAttribute("x", Math.min(Math.max(x(step), frame.left + 20), frame.width - 30));
    place.textContent = step;
    chart.curves.forEach((curve, index) => {
      const at = nearest(curve.steps, step);
      const error = curve.errors?.[at];
      numbers[index].textContent = spelled(curve.values[at]) + (error ? ` ± ${spelled(error)}` : "");
    });
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * frame.width - frame.left)
      / (frame.width - frame.left - frame.right);
    show(nearest(steps, share * last));
  });
  svg.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    show(current + move);
    say(`step ${steps[current]}: ` + chart.curves.map((curve, index) => `${curve.name} ${numbers[index].textContent}`).join(", "));
  });
  figure.append(svg, legend);
  return figure;
}

/** The outline of a curve's values give or take their errors. */
function band(curve, x, y) {
  const known = curve.steps.map((step, index) => [step, curve.values[index], curve.errors[index]])
    .filter(([, value, error]) => value !== null && error !== null);
  const side = (sign, list) => list.map(([step, value, error]) => `${x(step).toFixed(1)} ${y(value + sign * error).toFixed(1)}`);
  return known.length > 1 ? "M" + [...side(1, known), ...side(-1, known.reverse())].join("L") + "Z" : "";
}

/** Says something to a screen reader. */
function say(text) { announcer.textContent = text; }
const announcer = element("div", { class: "unseen", "aria-live": "polite" });
document.body.append(announcer);

/** Draws the charts of a run in their place, instead of those that are there. */
function drawCharts(id, charts) {
  const place = document.querySelector(`[data-charts="${id}"]`);
  if (!place) return;
  const drawn = charts.filter((chart) => chart.curves.some((curve) => curve.values.some((value) => value !== null)));
  place.replaceChildren(...drawn.map(makeChart));
  if (drawn.length === 0) place.append(element("p", { class: "remark" }, "No report has been written yet."));
}
