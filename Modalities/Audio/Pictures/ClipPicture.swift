import AudioDatasets
import Foundation
import Pictures
import Torch

/// Draws sounds: of each its waveform, full scale being the whole height, and below it its spectrogram over seconds and
/// kilohertz, spaced on the mel scale of pitch. Colours are levels in decibels below a tone at full scale, which a bar explains.
enum ClipPicture {
  /// Sounds that a picture shows; a line at its end says how many there are more.
  static let limit = 60
  /// Pictures beside each other in a row.
  static let columns = 5
  /// Decibels between the lightest and the darkest colour.
  static let range = 70.0

  /// A picture of one clip, all channels together.
  static func draw(_ clip: AudioClip) throws -> Picture { try draw([clip], names: [""]) }

  /// A picture of clips row after row, each with its name above it.
  ///
  /// - Parameters:
  ///   - clips: at least one, all of one rate.
  ///   - names: that of each; no line is kept free for names that are all empty.
  static func draw(_ clips: [AudioClip], names: [String]) throws -> Picture {
    let shown = Array(clips.prefix(limit))
    let panels = PanelGrid(
      count: shown.count, seconds: shown.map(\.seconds).max() ?? 0, sampleRate: clips[0].sampleRate,
      hasNames: names.contains { !$0.isEmpty }, hasFooter: clips.count > limit)
    let monos = try shown.map { try $0.mixed(toChannels: 1).samples }
    let levels = try monos.map { try LevelTable($0, grid: panels) }
    // A multiple of ten decibels, so that pictures of one model mostly have the same colours.
    let loudest = levels.map(\.loudest).max() ?? 0
    let top = min(max((loudest / 10).rounded(.up) * 10, -60), 0)
    var picture = Picture(width: panels.width, height: panels.height)
    for (index, samples) in monos.enumerated() {
      panels.drawWave(samples, at: index, in: &picture)
      try levels[index].draw(at: index, top: top, in: &picture)
      panels.drawAxes(at: index, name: names[index], in: &picture)
    }
    panels.drawBar(top: top, in: &picture)
    if clips.count > limit { panels.drawFooter("\(limit) of \(clips.count) sounds", in: &picture) }
    return picture
  }
}

/// Where the parts of a picture of clips lie, and what is the same for all: axes and their ticks.
struct PanelGrid {
  private static let scale = 2
  private static let ink = Colour(grey: 60)
  private static let line = Colour(grey: 170)
  private static let faint = Colour(grey: 225)
  private static let letter = Lettering.height(scale: scale, belowLine: false)
  /// Room for "16 kHz" on the left, and for the bar with "-100 dB" on the right.
  private static let left = 96, right = 136, margin = 12
  private static let columnGap = 18, rowGap = 22
  private static let waveHeight = 64, waveGap = 6
  private static let tick = 5

  let sampleRate: Int
  let plotWidth: Int
  let spectrumHeight: Int
  let width: Int
  let height: Int
  private let seconds: Double
  private let columns: Int
  private let titleHeight: Int
  private let rowHeight: Int

  /// Lays out pictures of clips of up to so many seconds.
  init(count: Int, seconds: Double, sampleRate: Int, hasNames: Bool, hasFooter: Bool) {
    self.seconds = max(seconds, 1 / Double(sampleRate))
    self.sampleRate = sampleRate
    columns = min(max(count, 1), ClipPicture.columns)
    // A single sound has room: about 600 pixels a second.
    plotWidth = columns == 1 ? min(max(Int(600 * seconds), 600), 2000) : columns == 2 ? 420 : 240
    spectrumHeight = columns == 1 ? 240 : 160
    titleHeight = hasNames ? Lettering.height(scale: Self.scale) + 6 : 0
    rowHeight = titleHeight + Self.waveHeight + Self.waveGap + spectrumHeight + Self.tick + 4 + Self.letter
    let rows = (max(count, 1) + columns - 1) / columns
    width = Self.left + columns * plotWidth + (columns - 1) * Self.columnGap + Self.right
    height =
      2 * Self.margin + rows * rowHeight + (rows - 1) * Self.rowGap
      + (hasFooter ? Self.rowGap + Self.letter : 0)
  }

  /// The columns of a clip's plots.
  func columns(of index: Int) -> Range<Int> {
    let start = Self.left + index % columns * (plotWidth + Self.columnGap)
    return start..<start + plotWidth
  }

  private func top(of index: Int) -> Int { Self.margin + index / columns * (rowHeight + Self.rowGap) }

  private func wave(of index: Int) -> Range<Int> {
    let start = top(of: index) + titleHeight
    return start..<start + Self.waveHeight
  }

  /// The rows of a clip's spectrogram.
  func spectrum(of index: Int) -> Range<Int> {
    let start = wave(of: index).upperBound + Self.waveGap
    return start..<start + spectrumHeight
  }

  /// Frequencies at the edges of a spectrogram's row, counted from the top, in hertz.
  func hertz(ofRow row: Int) -> ClosedRange<Double> {
    let highest = MelScale.mels(of: Double(sampleRate) / 2)
    func edge(_ row: Int) -> Double {
      MelScale.hertz(of: highest * (1 - Double(row) / Double(spectrumHeight)))
    }
    return max(edge(row + 1), 0)...max(edge(row), 0)
  }

  /// The sample in the middle of a column of plots.
  func sample(ofColumn column: Int) -> Double {
    (Double(column) + 0.5) / Double(plotWidth) * seconds * Double(sampleRate)
  }

  /// A column shows the range of its samples; behind the clip's end there is none.
  func drawWave(_ samples: [Float], at index: Int, in picture: inout Picture) {
    let (x, y) = (columns(of: index), wave(of: index))
    let middle = y.lowerBound + y.count / 2
    picture.fill(x: x, y: middle..<middle + 1, with: Self.faint)
    let ink = ColourMap.magma[0.4]
    let scale = seconds * Double(sampleRate) / Double(plotWidth)
    func row(_ value: Float) -> Int {
      min(max(middle - Int((value * Float(y.count / 2 - 1)).rounded()), y.lowerBound), y.upperBound - 1)
    }
    for column in 0..<plotWidth {
      let first = Int(Double(column) * scale)
      let last = max(Int(Double(column + 1) * scale), first + 1)
      let part = samples[min(first, samples.count)..<min(last, samples.count)]
      guard let low = part.min(), let high = part.max(), low != 0 || high != 0 else { continue }
      picture.fill(
        x: x.lowerBound + column..<x.lowerBound + column + 1, y: row(high)..<row(low) + 1, with: ink)
    }
  }

  /// Frames around both plots, ticks with their numbers, and the name.
  func drawAxes(at index: Int, name: String, in picture: inout Picture) {
    let (x, wave, spectrum) = (columns(of: index), wave(of: index), spectrum(of: index))
    for y in [wave, spectrum] {
      let corners = [
        (x.lowerBound - 1, y.lowerBound - 1), (x.upperBound, y.lowerBound - 1), (x.upperBound, y.upperBound),
        (x.lowerBound - 1, y.upperBound),
      ]
      for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
        picture.line(from: start, to: end, with: Self.line)
      }
    }
    let title = Lettering.shortened(name, toWidth: plotWidth, scale: Self.scale)
    picture.write(title, x: x.lowerBound, y: top(of: index), scale: Self.scale, with: .black)
    for tick in timeTicks {
      let place = x.lowerBound + tick.place
      picture.fill(
        x: place..<place + 1, y: spectrum.upperBound..<spectrum.upperBound + Self.tick, with: Self.line)
      // Numbers at the ends stay within the plot.
      let half = Lettering.width(of: tick.text, scale: Self.scale) / 2
      let middle = min(max(tick.place, half), plotWidth - half)
      picture.write(
        tick.text, x: x.lowerBound + middle, y: spectrum.upperBound + Self.tick + 4,
        scale: Self.scale, anchor: .middle, with: Self.ink)
    }
    // Rows share the axis on their left.
    guard index % columns == 0 else { return }
    let edge = x.lowerBound - 1
    func mark(_ text: String, at row: Int, within rows: Range<Int>) {
      picture.fill(x: edge - Self.tick..<edge, y: row..<row + 1, with: Self.line)
      let y = min(max(row - Self.letter / 2, rows.lowerBound), rows.upperBound - Self.letter)
      picture.write(
        text, x: edge - Self.tick - 5, y: y, scale: Self.scale, anchor: .right, with: Self.ink)
    }
    mark("1", at: wave.lowerBound, within: wave)
    mark("-1", at: wave.upperBound - 1, within: wave)
    for tick in frequencyTicks { mark(tick.text, at: spectrum.lowerBound + tick.place, within: spectrum) }
  }

  /// The bar of colours beside the first row's spectrograms.
  func drawBar(top: Double, in picture: inout Picture) {
    let rows = spectrum(of: 0)
    let x = columns(of: columns - 1).upperBound + 22
    for row in rows {
      let share = 1 - Float(row - rows.lowerBound) / Float(rows.count - 1)
      picture.fill(x: x..<x + 14, y: row..<row + 1, with: ColourMap.magma[share])
    }
    let steps = [0.0, 20, 40, 60, ClipPicture.range]
    for below in steps where below != 60 || ClipPicture.range - below >= 20 {
      let row = rows.lowerBound + Int((below / ClipPicture.range * Double(rows.count - 1)).rounded())
      picture.fill(x: x + 14..<x + 14 + Self.tick, y: row..<row + 1, with: Self.line)
      let y = min(max(row - Self.letter / 2, rows.lowerBound), rows.upperBound - Self.letter)
      picture.write(
        "\(Int(top - below))" + (below == 0 ? " dB" : ""), x: x + 14 + Self.tick + 5, y: y,
        scale: Self.scale, with: Self.ink)
    }
  }

  /// A line at the picture's end.
  func drawFooter(_ text: String, in picture: inout Picture) {
    picture.write(
      text, x: Self.left, y: height - Self.margin - Self.letter, scale: Self.scale, with: Self.ink)
  }

  /// A place on an axis, in pixels from its beginning, with its number.
  struct Tick: Equatable {
    let place: Int
    let text: String
  }

  /// Steps of 1, 2 or 5 times a power of ten seconds, as many as have room.
  var timeTicks: [Tick] {
    let steps = (-4...3).flatMap { power in
      [1.0, 2, 5].map { (step: $0 * pow(10, Double(power)), power: power) }
    }
    for (step, power) in steps where step / seconds * Double(plotWidth) >= 24 {
      let ticks = (0...Int(seconds / step * 1.000_001)).map { number in
        let value = step * Double(number)
        let text = String(format: "%.\(max(0, -power))f", value)
        return Tick(
          place: min(Int((value / seconds * Double(plotWidth)).rounded()), plotWidth - 1),
          text: number == 0 ? "0 s" : text)
      }
      let widths = ticks.map { Lettering.width(of: $0.text, scale: Self.scale) }
      let gap = ticks.count > 1 ? ticks[1].place - ticks[0].place : plotWidth
      // Numbers lie around their ticks, but for those at the ends, which are moved by half their width at most.
      if (widths.max() ?? 0) * 3 / 2 + 10 <= gap { return ticks }
    }
    return [Tick(place: 0, text: "0 s")]
  }

  /// Octaves around 1 kHz from the top down, as far as they have room.
  var frequencyTicks: [Tick] {
    let highest = MelScale.mels(of: Double(sampleRate) / 2)
    let octaves = (-3...8).map { pow(2, Double($0)) }.filter { $0 * 1000 <= Double(sampleRate) / 2 }
    return octaves.reversed().reduce(into: []) { ticks, kilohertz in
      let share = MelScale.mels(of: kilohertz * 1000) / highest
      let place = Int(((1 - share) * Double(spectrumHeight - 1)).rounded())
      guard place - (ticks.last?.place ?? -spectrumHeight) >= Self.letter + 4, place < spectrumHeight - 4
      else { return }
      let number = kilohertz.formatted(.number.locale(Locale(identifier: "en_US_POSIX")).grouping(.never))
      ticks.append(Tick(place: place, text: number + (ticks.isEmpty ? " kHz" : "")))
    }
  }
}

/// The levels of a clip's spectrogram, one for each pixel of its plot up to the clip's end.
private struct LevelTable {
  private let grid: PanelGrid
  /// In decibels below a tone at full scale, `[rows, columns]`.
  private let levels: Tensor
  /// The highest of them.
  let loudest: Double

  init(_ samples: [Float], grid: PanelGrid) throws {
    self.grid = grid
    // About 32 ms, as long as sounds of speech are steady.
    let window = 1 << max(4, Int(log2(0.032 * Double(grid.sampleRate)).rounded()))
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    // Frames lie closer than those of the transform, so that a column has its own: shifted sounds have those between.
    let frames = fourier.frameCount(length: samples.count)
    var parts = 1
    while parts < 8, parts * 2 <= fourier.hop, frames * parts < grid.plotWidth { parts *= 2 }
    let step = fourier.hop / parts
    let wave = try Tensor(samples, shape: [1, samples.count]).padded(0, fourier.hop)
    let shifted = try Tensor.concatenated(
      (0..<parts).map { try wave.narrowed(along: 1, start: $0 * step, count: samples.count) })
    let power = try fourier.powers(of: shifted).transposed(0, 1).reshaped([frames * parts, fourier.bins])
    let columns = (0..<grid.plotWidth).map { grid.sample(ofColumn: $0) }.prefix { $0 < Double(samples.count) }
    let nearest = columns.map { min(Int(($0 / Double(step)).rounded()), frames * parts - 1) }
    let full = pow(Double(window) / 4, 2)
    let rows = try power.gathered(at: Tensor(nearest)).matmul(
      Self.weights(grid, bins: fourier.bins, window: window))
    levels = try ((rows / full + 1e-12).log() * (10 / log(10))).transposed(0, 1)
    loudest = try levels.max().item()
  }

  /// The share of each bin in each row, `[K, rows]`: the mean of the bins that lie in a row or, where none does, what lies between
  /// its two neighbours.
  private static func weights(_ grid: PanelGrid, bins: Int, window: Int) throws -> Tensor {
    let width = Double(grid.sampleRate) / Double(window)
    var weights = [Float](repeating: 0, count: bins * grid.spectrumHeight)
    for row in 0..<grid.spectrumHeight {
      let hertz = grid.hertz(ofRow: row)
      let (low, high) = (
        min(hertz.lowerBound / width, Double(bins - 1)), min(hertz.upperBound / width, Double(bins - 1))
      )
      let (first, last) = (Int(low.rounded(.up)), Int(high.rounded(.down)))
      if first <= last {
        for bin in first...last { weights[bin * grid.spectrumHeight + row] = 1 / Float(last - first + 1) }
      } else {
        let share = Float((low + high) / 2 - Double(last))
        weights[last * grid.spectrumHeight + row] = 1 - share
        weights[first * grid.spectrumHeight + row] = share
      }
    }
    return try Tensor(weights, shape: [bins, grid.spectrumHeight])
  }

  /// Whole decibels look the same as fractions and make smaller files.
  func draw(at index: Int, top: Double, in picture: inout Picture) throws {
    let start = grid.columns(of: index).lowerBound
    let shares = try (levels.rounded() - top) * (1 / ClipPicture.range) + 1
    picture.show(
      try shares.contiguous().array(of: Float.self), columns: levels.shape[1],
      x: start..<start + levels.shape[1], y: grid.spectrum(of: index), map: .magma)
  }
}
