// Puts everything in its place.

const players = new Map();
for (const run of data.runs) {
  drawCharts(run.id, run.charts);
  for (const evaluation of run.evaluations) drawEvaluation(evaluation);
  const place = document.querySelector(`[data-previews="${run.id}"]`);
  if (place) players.set(run.id, new PreviewPlayer(place, run));
  const steering = document.querySelector(`[data-steering="${run.id}"]`);
  if (steering) new Steering(steering, run);
}
if (data.comparison) drawCharts("comparison", data.comparison);
if (data.isLive) followServer(players);
