// A run that goes on: the server sends curves and samples as they come, and draws what the sliders ask for.

/** Sliders over directions of the latent space. */
class Steering {
  constructor(place, run) {
    this.run = run;
    this.items = element("div", { class: "items" });
    this.remark = element("p", { class: "remark", role: "status" }, "");
    this.seed = 0;
    const sliders = element("div", { class: "sliders" });
    this.sliders = Array.from({ length: data.directions }, (_, index) => {
      const slider = element("input", { type: "range", min: -3, max: 3, step: 0.1, value: 0, oninput: () => this.ask() });
      sliders.append(element("label", {}, `Direction ${index + 1}`, slider));
      return slider;
    });
    const buttons = element("div", { class: "player" },
      element("button", { type: "button", onclick: () => { this.seed += 1; this.ask(); } }, "Other samples"),
      element("button", { type: "button", onclick: () => { this.sliders.forEach((slider) => { slider.value = 0; }); this.ask(); } }, "Back to the middle"));
    place.append(sliders, buttons, this.items, this.remark);
    this.ask();
  }

  /** Asks for samples; while one answer is awaited only the last wish is kept. */
  async ask() {
    if (this.isWaiting) { this.isWanted = true; return; }
    this.isWaiting = true;
    const began = performance.now();
    try {
      const values = this.sliders.map((slider) => slider.value).join(",");
      const answer = await fetch(`steer?run=${encodeURIComponent(this.run.id)}&seed=${this.seed}&values=${values}`);
      const steered = await answer.json();
      if (steered.error) this.remark.textContent = steered.error;
      else {
        this.items.replaceChildren(...itemElements(steered.items));
        this.remark.textContent = `The generator of step ${steered.step}, in ${Math.round(performance.now() - began)} ms.`;
      }
    } catch {
      this.remark.textContent = "The server does not answer.";
    }
    this.isWaiting = false;
    if (this.isWanted) { this.isWanted = false; this.ask(); }
  }
}

function followServer(players) {
  const state = document.getElementById("live");
  const source = new EventSource("events");
  source.addEventListener("open", () => { state.textContent = "Live"; });
  source.addEventListener("error", () => { state.textContent = "The server does not answer"; });
  source.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    drawCharts(run.id, run.charts);
    const facts = document.querySelector(`[data-facts="${run.id}"]`);
    facts?.replaceChildren(...run.facts.map((fact) =>
      element("div", { class: fact.isLong ? "long" : null }, element("dt", {}, fact.label), element("dd", {}, fact.value))));
  });
  source.addEventListener("preview", (event) => {
    const { id, frame } = JSON.parse(event.data);
    players.get(id)?.add(frame);
  });
}
