import RandomNumbers

// Drums whose skin swings. The modes of an ideal round skin are at 1, 1.593 and 2.136 times the lowest.

/// A bass drum's physical parameters.
struct Kick {
  private let start: Double
  private let end: Double
  private let fall: Double
  private let decay: Double
  private let click: Double
  private let clickDecay: Double
  private let drive: Double

  init(_ random: inout SplitMix64) {
    start = random.logarithmic(in: 130...340)
    end = random.logarithmic(in: 40...66)
    fall = random.logarithmic(in: 0.012...0.045)
    decay = random.logarithmic(in: 0.07...0.2)
    click = random.number(in: 0.1...0.5)
    clickDecay = random.logarithmic(in: 0.001...0.004)
    drive = random.number(in: 0.6...2.4)
  }

  func render(on canvas: inout DrumCanvas, _ random: inout SplitMix64) {
    canvas.addTone(level: 1, from: start, to: end, fall: fall, decay: decay)
    canvas.drive(drive)
    let filter = NoiseFilter.highPass(1200, sampleRate: canvas.sampleRate)
    canvas.addNoise(level: click, decay: clickDecay, through: [filter], &random)
  }
}

/// A snare drum's physical parameters.
struct Snare {
  private let skin: Double
  private let ratio: Double
  private let bend: Double
  private let skinDecay: Double
  private let upper: Double
  private let wires: Double
  private let wireDecay: Double
  private let corner: Double

  init(_ random: inout SplitMix64) {
    skin = random.logarithmic(in: 150...260)
    ratio = random.number(in: 1.5...1.7)
    bend = random.number(in: 1.1...1.5)
    skinDecay = random.logarithmic(in: 0.03...0.09)
    upper = random.number(in: 0.3...0.8)
    wires = random.number(in: 0.5...1.3)
    wireDecay = random.logarithmic(in: 0.05...0.15)
    corner = random.logarithmic(in: 900...2000)
  }

  func render(on canvas: inout DrumCanvas, _ random: inout SplitMix64) {
    canvas.addTone(level: 0.8, from: skin * bend, to: skin, fall: 0.01, decay: skinDecay)
    let second = skin * ratio
    canvas.addTone(level: 0.8 * upper, from: second * bend, to: second, fall: 0.01, decay: 0.7 * skinDecay)
    let filter = NoiseFilter.highPass(corner, sampleRate: canvas.sampleRate)
    canvas.addNoise(level: wires, decay: wireDecay, through: [filter], &random)
  }
}

/// A tom's physical parameters.
struct Tom {
  private let tone: Double
  private let bend: Double
  private let fall: Double
  private let decay: Double
  private let second: Double
  private let third: Double
  private let stick: Double

  init(_ random: inout SplitMix64) {
    tone = random.logarithmic(in: 85...230)
    bend = random.number(in: 1.2...1.7)
    fall = random.logarithmic(in: 0.03...0.09)
    decay = random.logarithmic(in: 0.12...0.24)
    second = random.number(in: 0.15...0.5)
    third = random.number(in: 0.05...0.25)
    stick = random.number(in: 0.05...0.25)
  }

  func render(on canvas: inout DrumCanvas, _ random: inout SplitMix64) {
    let modes = [(1.0, 1.0, 1.0), (1.593, second, 0.6), (2.136, third, 0.4)]
    for (ratio, level, share) in modes {
      canvas.addTone(
        level: level, from: ratio * bend * tone, to: ratio * tone, fall: fall, decay: share * decay)
    }
    let filter = NoiseFilter.highPass(800, sampleRate: canvas.sampleRate)
    canvas.addNoise(level: stick, decay: 0.006, through: [filter], &random)
  }
}

// Drums without a tone.

/// A hi-hat's physical parameters: six square waves out of tune with each other, as in the circuits of the early
/// eighties, and some noise.
struct Hat {
  private static let partials = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0]

  private let size: Double
  private let phases: [Double]
  private let isOpen: Bool
  private let decay: Double
  private let corner: Double
  private let noise: Double

  init(_ random: inout SplitMix64) {
    size = random.logarithmic(in: 0.8...1.6)
    phases = Self.partials.map { _ in random.unit() }
    isOpen = random.unit() < 0.3
    let closed = random.logarithmic(in: 0.014...0.045)
    let open = random.logarithmic(in: 0.1...0.22)
    decay = isOpen ? open : closed
    corner = random.logarithmic(in: 2400...7000)
    noise = random.number(in: 0.1...0.8)
  }

  func render(on canvas: inout DrumCanvas, _ random: inout SplitMix64) {
    // Where the rate is too low for the corner, the filter keeps what there is of the top.
    let filters = Array(repeating: NoiseFilter.highPass(corner, sampleRate: canvas.sampleRate), count: 2)
    canvas.addSquares(
      level: 0.6, frequencies: Self.partials.map { $0 * size }, phases: phases, decay: decay, through: filters
    )
    canvas.addNoise(level: noise, decay: decay, through: filters, &random)
  }
}

/// A hand clap's physical parameters: bursts of several hands, then the room.
struct Clap {
  private static let bursts = 3

  private let centre: Double
  private let quality: Double
  private let gaps: [Double]
  private let burstDecay: Double
  private let tail: Double
  private let tailDecay: Double

  init(_ random: inout SplitMix64) {
    centre = random.logarithmic(in: 900...2000)
    quality = random.number(in: 0.8...2.2)
    let gap = random.logarithmic(in: 0.008...0.014)
    gaps = (0..<Self.bursts).map { _ in gap * random.number(in: 0.85...1.15) }
    burstDecay = random.logarithmic(in: 0.002...0.005)
    tail = random.number(in: 0.5...0.9)
    tailDecay = random.logarithmic(in: 0.04...0.12)
  }

  func render(on canvas: inout DrumCanvas, _ random: inout SplitMix64) {
    let filter = NoiseFilter.bandPass(centre, quality: quality, sampleRate: canvas.sampleRate)
    var time = 0.0
    for gap in gaps {
      canvas.addNoise(level: 1, at: time, decay: burstDecay, through: [filter], &random)
      time += gap
    }
    canvas.addNoise(level: tail, at: time, decay: tailDecay, through: [filter], &random)
  }
}
