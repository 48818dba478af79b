import RandomNumbers

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
