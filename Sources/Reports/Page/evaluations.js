// Scores with their standard errors: a row of points for each source, the real data's score as a line through all.

function makeDots(column, rows) {
  const known = rows.filter((row) => row.cells[column.key] !== null && row.cells[column.key] !== undefined);
  if (known.length === 0) return null;
  const layout = { width: 300, left: 128, right: 12, row: 19, top: 6 };
  const height = layout.top + layout.row * known.length + 20;
  const ends = known.flatMap((row) => {
    const { value, error } = row.cells[column.key];
    return [value - (error ?? 0), value + (error ?? 0)];
  });
  let [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  [low, high] = [low - margin, high + margin];
  const x = (value) => layout.left + (layout.width - layout.left - layout.right) * (value - low) / (high - low);
  const words = known.map((row) => {
    const { value, error } = row.cells[column.key];
    return `${row.name} ${spelled(value)}` + (error === null ? "" : ` give or take ${spelled(error)}`);
  });
  const svg = element("svg:svg", {
    viewBox: `0 0 ${layout.width} ${height}`, role: "img", "aria-label": `${column.name}: ${words.join("; ")}`,
  });
  const marks = ticks(low, high, 3);
  for (const mark of marks) {
    svg.append(
      element("svg:line", { class: "grid", x1: x(mark), x2: x(mark), y1: layout.top, y2: height - 18 }),
      element("svg:text", { x: x(mark), y: height - 5, "text-anchor": "middle" }, spelled(mark)));
  }
  const real = known.find((row) => row.source === "real")?.cells[column.key];
  if (real) {
    svg.append(element("svg:line", { class: "reference", x1: x(real.value), x2: x(real.value), y1: layout.top, y2: height - 18 }));
  }
  known.forEach((row, index) => {
    const y = layout.top + layout.row * (index + 0.5);
    const { value, error } = row.cells[column.key];
    const paint = { real: "var(--c2)", model: "var(--c0)", baseline: "var(--c4)" }[row.source];
    const name = row.name.length > 19 ? row.name.slice(0, 18) + "…" : row.name;
    const label = element("svg:text", { x: layout.left - 8, y: y + 4, "text-anchor": "end" }, name);
    label.append(element("svg:title", {}, row.name));
    const dot = element("svg:circle", { cx: x(value), cy: y, r: 4, style: `fill:${paint}` });
    dot.append(element("svg:title", {}, `${row.name}: ${spelled(value)}` + (error === null ? "" : ` ± ${spelled(error)}`)));
    svg.append(label);
    if (error) {
      svg.append(element("svg:line", {
        x1: x(value - error), x2: x(value + error), y1: y, y2: y, style: `stroke:${paint};stroke-width:2`,
      }));
    }
    svg.append(dot);
  });
  const caption = element("figcaption", {}, column.name + (column.arrow ? ` ${column.arrow}` : ""));
  if (column.unit) caption.append(" ", element("small", {}, column.unit));
  return element("figure", { class: "dot" }, caption, svg);
}

function drawEvaluation(evaluation) {
  const place = document.querySelector(`[data-evaluation="${evaluation.id}"]`);
  place?.append(...evaluation.columns.map((column) => makeDots(column, evaluation.points)).filter(Boolean));
}
