// Samples of fixed latents by step: a slider goes through what training has made of them.

/** The elements of a preview's items. */
function itemElements(items) {
  const clouds = items.filter((item) => item.kind === "cloud");
  const others = items.filter((item) => item.kind !== "cloud").map((item) => {
    switch (item.kind) {
      case "text":
        return element("div", {}, element("ol", { class: "lines" },
          ...item.text.replace(/\n$/, "").split("\n").map((line) => element("li", {}, line))));
      case "sound": return soundItem(item);
      case "picture":
        return element("figure", {}, element("img", { src: `data:${item.type};base64,${item.base64}`, alt: item.alternative }));
      case "plane": return planeItem(item);
      default: return null;
    }
  });
  return [...(clouds.length ? [cloudItems(clouds)] : []), ...others.filter(Boolean)];
}

/** The player of a run's previews. */
class PreviewPlayer {
  constructor(place, run) {
    this.frames = run.previews;
    this.items = element("div", { class: "items" });
    this.slider = element("input", {
      type: "range", min: 0, max: Math.max(this.frames.length - 1, 0), step: 1, value: Math.max(this.frames.length - 1, 0),
      "aria-label": `Step of the samples of ${run.name}`, oninput: () => this.show(Number(this.slider.value)),
    });
    this.label = element("output");
    this.button = element("button", { type: "button", "aria-pressed": "false", onclick: () => this.play() }, "Play");
    this.player = element("div", { class: "player" },
      element("button", { type: "button", "aria-label": "Earlier step", onclick: () => this.move(-1) }, "‹"),
      this.slider,
      element("button", { type: "button", "aria-label": "Later step", onclick: () => this.move(1) }, "›"),
      this.button, this.label);
    this.timer = 0;
    this.remark = element("p", { class: "remark" }, run.previewRemark ?? "");
    place.append(this.player, this.items, this.remark);
    this.show(this.frames.length - 1);
  }

  move(by) { this.show(Math.min(Math.max(this.index + by, 0), this.frames.length - 1)); }

  show(index) {
    this.index = index;
    const frame = this.frames[index];
    this.player.hidden = this.frames.length < 2;
    if (!frame) {
      this.items.replaceChildren(element("p", { class: "remark" }, "No samples have been written yet."));
      return;
    }
    this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", `step ${frame.step}`);
    this.label.textContent = `step ${frame.step} (${index + 1} of ${this.frames.length})`;
    this.items.replaceChildren(...itemElements(frame.items));
  }

  play() {
    if (this.timer) return this.stop();
    if (this.index === this.frames.length - 1) this.show(0);
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-pressed", "true");
    this.timer = setInterval(() => {
      if (this.index === this.frames.length - 1) this.stop();
      else this.move(1);
    }, 350);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = "Play";
    this.button.setAttribute("aria-pressed", "false");
  }

  /** Takes a new preview; one who looks at the newest goes on with it. */
  add(frame) {
    if (this.frames.length > 0 && frame.step <= this.frames.at(-1).step) return;
    const isAtEnd = this.index === this.frames.length - 1 || this.frames.length === 0;
    this.frames.push(frame);
    this.slider.max = this.frames.length - 1;
    if (isAtEnd && !this.timer) this.show(this.frames.length - 1);
    else this.label.textContent = `step ${this.frames[this.index].step} (${this.index + 1} of ${this.frames.length})`;
  }
}
