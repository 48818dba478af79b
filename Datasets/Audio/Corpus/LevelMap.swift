/// The level of a sound over time: the largest sample and the energy of each 64 frames.
///
/// Enough to find silence, a gain and the loud places of a sound that is never in memory as a whole.
struct LevelMap: Sendable {
  /// Frames in a cell.
  static let cellFrames = 64
  /// Sounds whose largest sample is below this, 80 dB under full scale, are silent: dither and hum.
  static let silence: Float = 1e-4
  /// What stays below this share of a sound's largest sample, 50 dB under it, is silence within the sound.
  static let quietShare: Float = 0.003_162_277_7

  /// Frames so far.
  private(set) var frames = 0
  /// The largest sample in size, of all channels.
  private(set) var peak: Float = 0
  /// The frame of its first occurrence.
  private(set) var peakFrame = 0
  private var peaks: [Float] = []
  /// Sums of the squares of a cell's samples, of all channels.
  private var energies: [Float] = []

  /// Appends interleaved samples.
  mutating func append(_ samples: [Float], channels: Int) {
    samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      let count = samples.count / channels
      var frame = 0
      while frame < count {
        let offset = (frames &+ frame) % Self.cellFrames
        let cellEnd = min(count, frame &+ Self.cellFrames &- offset)
        var cellPeak: Float = 0
        var cellPeakFrame = frame
        var energy: Float = 0
        while frame < cellEnd {
          var channel = 0
          while channel < channels {
            let value = abs(base[frame &* channels &+ channel])
            if value > cellPeak {
              cellPeak = value
              cellPeakFrame = frame
            }
            energy += value * value
            channel &+= 1
          }
          frame &+= 1
        }
        if offset == 0 {
          peaks.append(0)
          energies.append(0)
        }
        peaks[peaks.count - 1] = max(peaks[peaks.count - 1], cellPeak)
        energies[energies.count - 1] += energy
        if cellPeak > peak {
          peak = cellPeak
          peakFrame = frames + cellPeakFrame
        }
      }
      frames += count
    }
  }

  /// Which cells are louder than silence within the sound.
  var loudCells: LoudCells { LoudCells(peaks.map { $0 > peak * Self.quietShare }) }

  /// From the first loud cell to the last, in frames; empty for a sound of zeros.
  var loudRange: Range<Int> {
    let threshold = peak * Self.quietShare
    guard let first = peaks.firstIndex(where: { $0 > threshold }),
      let last = peaks.lastIndex(where: { $0 > threshold })
    else { return 0..<0 }
    return first * Self.cellFrames..<min(frames, (last + 1) * Self.cellFrames)
  }

  /// The share of the sound's energy that lies in some ranges of frames, which come in order and may overlap; 1 of silence.
  func energyShare(of ranges: [Range<Int>]) -> Double {
    let all = energies.reduce(0.0) { $0 + Double($1) }
    guard all > 0 else { return 1 }
    var (sum, position) = (0.0, 0)
    for range in ranges {
      var frame = max(range.lowerBound, position)
      while frame < min(range.upperBound, frames) {
        // Of a cell that is cut as much as lies in the range, as if its energy were spread evenly.
        let cell = frame / Self.cellFrames
        let cellEnd = min(frames, (cell + 1) * Self.cellFrames)
        let end = min(cellEnd, range.upperBound)
        sum += Double(energies[cell]) * Double(end - frame) / Double(cellEnd - cell * Self.cellFrames)
        frame = end
      }
      position = max(position, frame)
    }
    return sum / all
  }

  /// The root mean square of the sound's audible parts: of pieces of about 50 ms, those at most 20 dB below
  /// the loudest.
  func loudness(sampleRate: Int, channels: Int) -> Float {
    let group = max(1, sampleRate / 20 / Self.cellFrames)
    let powers = stride(from: 0, to: energies.count, by: group).map { start in
      let end = min(energies.count, start + group)
      let count = min(frames, end * Self.cellFrames) - start * Self.cellFrames
      return (energy: energies[start..<end].reduce(0, +), count: Float(count * channels))
    }
    let loudest = powers.reduce(0) { max($0, $1.energy / $1.count) }
    let kept = powers.filter { $0.energy / $0.count >= loudest * 0.01 }
    let total = kept.reduce(into: (energy: Float(0), count: Float(0))) { sum, power in
      sum.energy += power.energy
      sum.count += power.count
    }
    return total.count > 0 ? (total.energy / total.count).squareRoot() : 0
  }
}

/// Which cells of a sound are loud, one bit each.
struct LoudCells: Equatable, Sendable {
  private let words: [UInt64]
  private let count: Int

  init(_ cells: [Bool]) {
    count = cells.count
    var words = [UInt64](repeating: 0, count: (cells.count + 63) / 64)
    for (index, isLoud) in cells.enumerated() where isLoud { words[index / 64] |= 1 << UInt64(index % 64) }
    self.words = words
  }

  /// Whether a range of frames touches a loud cell.
  func areIn(_ frames: Range<Int>) -> Bool {
    guard !frames.isEmpty else { return false }
    let first = frames.lowerBound / LevelMap.cellFrames
    let last = min(count - 1, (frames.upperBound - 1) / LevelMap.cellFrames)
    guard first <= last else { return false }
    return (first...last).contains { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
  }
}
