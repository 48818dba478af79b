// Sound: waveform, spectrogram and playback of a WAV file.

/** The samples of a WAV file, mixed to one channel in [-1, 1]: whole numbers of 16 or 24 bits, or floats of 32. */
function readWave(bytes) {
  const view = new DataView(bytes.buffer);
  const word = (offset) => String.fromCharCode(...bytes.subarray(offset, offset + 4));
  let format = null;
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const [name, size] = [word(offset), view.getUint32(offset + 4, true)];
    const start = offset + 8;
    if (name === "fmt ") {
      format = { channels: view.getUint16(start + 2, true), rate: view.getUint32(start + 4, true), bits: view.getUint16(start + 14, true) };
    } else if (name === "data" && format) {
      const width = format.bits / 8, block = width * format.channels;
      const count = Math.floor(Math.min(size, bytes.length - start) / block);
      const samples = new Float32Array(count);
      const read = {
        16: (at) => view.getInt16(at, true) / 32768,
        24: (at) => (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / 8388608,
        32: (at) => view.getFloat32(at, true),
      }[format.bits];
      if (!read) return null;
      for (let index = 0; index < count; index++) {
        let sum = 0;
        for (let channel = 0; channel < format.channels; channel++) sum += read(start + index * block + channel * width);
        samples[index] = sum / format.channels;
      }
      return { samples, rate: format.rate };
    }
    offset = start + size + (size & 1);
  }
  return null;
}

/** The discrete Fourier transform in place, of a length that is a power of two (Cooley and Tukey 1965). */
function transform(real, imaginary) {
  const count = real.length;
  for (let index = 1, other = 0; index < count; index++) {
    let bit = count >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (index < other) {
      [real[index], real[other]] = [real[other], real[index]];
      [imaginary[index], imaginary[other]] = [imaginary[other], imaginary[index]];
    }
  }
  for (let size = 2; size <= count; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const [c, s] = [Math.cos(2 * Math.PI * k / size), -Math.sin(2 * Math.PI * k / size)];
      for (let start = k; start < count; start += size) {
        const end = start + size / 2;
        const [r, i] = [real[end] * c - imaginary[end] * s, real[end] * s + imaginary[end] * c];
        [real[end], imaginary[end]] = [real[start] - r, imaginary[start] - i];
        real[start] += r;
        imaginary[start] += i;
      }
    }
  }
}

/** Levels in decibels below the loudest bin, a column of `size / 2` bins for each of `columns` moments. */
function spectrogram(samples, columns, size = 512) {
  const levels = [];
  const window = Float32Array.from({ length: size }, (_, index) => 0.5 - 0.5 * Math.cos(2 * Math.PI * index / size));
  let loudest = 1e-9;
  for (let column = 0; column < columns; column++) {
    const start = Math.round((column + 0.5) / columns * samples.length - size / 2);
    const real = new Float64Array(size), imaginary = new Float64Array(size);
    for (let index = 0; index < size; index++) real[index] = (samples[start + index] ?? 0) * window[index];
    transform(real, imaginary);
    const bins = Float32Array.from({ length: size / 2 }, (_, bin) => Math.hypot(real[bin], imaginary[bin]));
    for (const bin of bins) loudest = Math.max(loudest, bin);
    levels.push(bins);
  }
  return levels.map((bins) => bins.map((bin) => 20 * Math.log10(Math.max(bin / loudest, 1e-9))));
}

// Dark to bright in equal steps of lightness, so that it reads without colour too.
const heat = [[8, 6, 30], [62, 18, 105], [138, 34, 106], [205, 68, 71], [246, 137, 28], [252, 220, 120], [255, 252, 230]];
function heatColour(share) {
  const position = Math.min(Math.max(share, 0), 1) * (heat.length - 1);
  const index = Math.min(Math.floor(position), heat.length - 2), rest = position - index;
  return heat[index].map((value, channel) => value + (heat[index + 1][channel] - value) * rest);
}

/** A sound with its pictures and a player; a click or an arrow key on a picture goes to that moment. */
function soundItem(item) {
  const bytes = bytesOf(item.base64);
  const sound = readWave(bytes);
  const audio = element("audio", { controls: "", preload: "metadata", src: `data:${item.type};base64,${item.base64}`, "aria-label": item.name });
  const figure = element("figure", { class: "sound" });
  if (!sound) { figure.append(audio); return figure; }
  const seconds = sound.samples.length / sound.rate;
  const wave = element("canvas", { class: "wave", role: "img", "aria-label": `Waveform of ${item.name}, ${seconds.toFixed(1)} seconds` });
  const spectrum = element("canvas", {
    class: "spectrum", role: "img", "aria-label": `Spectrogram of ${item.name}, 0 to ${Math.round(sound.rate / 2)} hertz`,
  });
  let heard = 0;
  const mark = (view) => {
    if (heard <= 0) return;
    view.drawing.fillStyle = colour("--accent");
    view.drawing.fillRect(Math.round(heard / seconds * view.width), 0, 2 * view.scale, view.height);
  };
  const drawWave = () => {
    const view = context(wave);
    if (!view) return;
    view.drawing.fillStyle = colour("--c0");
    for (let x = 0; x < view.width; x++) {
      const [start, end] = [x, x + 1].map((edge) => Math.floor(edge / view.width * sound.samples.length));
      let low = 0, high = 0;
      for (let index = start; index < Math.max(end, start + 1); index++) {
        low = Math.min(low, sound.samples[index] ?? 0);
        high = Math.max(high, sound.samples[index] ?? 0);
      }
      const middle = view.height / 2;
      view.drawing.fillRect(x, middle - high * middle, 1, Math.max(1, (high - low) * middle));
    }
    mark(view);
  };
  let image = null;
  const drawSpectrum = () => {
    const view = context(spectrum);
    if (!view) return;
    if (!image) {
      const columns = Math.min(600, Math.max(2, Math.floor(sound.samples.length / 128)));
      const levels = spectrogram(sound.samples, columns);
      const bins = levels[0].length;
      image = new ImageData(columns, bins);
      levels.forEach((column, x) => column.forEach((level, bin) => {
        const [red, green, blue] = heatColour(1 + level / 70);
        image.data.set([red, green, blue, 255], 4 * ((bins - 1 - bin) * columns + x));
      }));
    }
    const still = element("canvas", { width: image.width, height: image.height });
    still.getContext("2d").putImageData(image, 0, 0);
    view.drawing.drawImage(still, 0, 0, view.width, view.height);
    mark(view);
  };
  keepDrawn(wave, drawWave);
  keepDrawn(spectrum, drawSpectrum);
  const follow = () => {
    heard = audio.currentTime;
    drawWave();
    drawSpectrum();
    if (!audio.paused && figure.isConnected) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", follow);
  audio.addEventListener("seeked", follow);
  for (const canvas of [wave, spectrum]) {
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      audio.currentTime = (event.clientX - box.left) / box.width * seconds;
      audio.play();
    });
  }
  figure.append(wave, spectrum, audio);
  return figure;
}
