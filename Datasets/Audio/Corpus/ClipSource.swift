import Failures

/// Something that has sound, decoded in blocks at the corpus's rate and number of channels.
protocol ClipSource: Sendable {
  /// What messages call it.
  var name: String { get }
  /// Finds out how it is divided. Called once, before any block.
  func layout() throws -> BlockLayout
  /// What of it is not among its samples.
  func remarks() throws -> [SoundRemark]
  /// Decodes a block: interleaved samples, empty beyond the end. May be called from any thread, and returns the same
  /// samples each time.
  func samples(block index: Int, of layout: BlockLayout) throws -> [Float]
}

/// A sound file.
struct FileClipSource: ClipSource {
  let name: String
  let sampleRate: Int
  let channels: Int

  func layout() throws -> BlockLayout {
    let information = try SoundFile.information(name)
    return BlockLayout(
      sourceFrames: information.frames, sourceRate: information.sampleRate, rate: sampleRate)
  }

  func remarks() throws -> [SoundRemark] { try SoundFile.remarks(name) }

  func samples(block index: Int, of layout: BlockLayout) throws -> [Float] {
    guard layout.count > 1 else {
      return try converted(try SoundFile.read(name)).samples
    }
    let (range, excess) = layout.source(of: index)
    let clip = try SoundFile.read(name, from: range.lowerBound, count: range.count)
    guard clip.frameCount > 0 else { return [] }
    let samples = try converted(clip).samples.dropFirst(excess * channels)
    return Array(samples.prefix(layout.block * channels))
  }

  private func converted(_ clip: AudioClip) throws -> AudioClip {
    do {
      // In the order that resamples the fewer channels.
      if clip.channels > channels {
        return try clip.mixed(toChannels: channels).resampled(to: sampleRate)
      }
      return try clip.resampled(to: sampleRate).mixed(toChannels: channels)
    } catch let failure as UserError {
      throw UserError(failure.category, "\(name): \(failure.message)")
    }
  }
}

/// How a sound is divided into blocks that are decoded one by one, so that no file has to fit in memory.
///
/// A block is a fixed range of frames at the corpus's rate and at the file's: it starts where frames of both rates
/// coincide. Resampling needs what lies around a block, so some frames more are decoded on either side and
/// thrown away. A file of at most `largestBlock` frames is one block. A block's samples depend on the file and
/// the two rates alone, never on what was decoded before.
struct BlockLayout: Equatable, Sendable {
  /// Frames in a block, at the higher of the two rates, unless the rates have few frames in common.
  static let largestBlock = 1 << 18

  /// Frames that the file announces, at its own rate.
  let sourceFrames: Int
  /// Frames of a block at the file's rate.
  let sourceBlock: Int
  /// Frames of a block at the corpus's rate; the only or last block may have others.
  let block: Int
  /// Frames at the file's rate decoded before and after a block.
  let sourceMargin: Int
  /// The same at the corpus's rate.
  let margin: Int

  /// Divides a file.
  init(sourceFrames: Int, sourceRate: Int, rate: Int, largestBlock: Int = Self.largestBlock) {
    var (divisor, rest) = (sourceRate, rate)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    let (sourceUnit, unit) = (sourceRate / divisor, rate / divisor)
    let units = max(1, largestBlock / max(sourceUnit, unit))
    // The resampler's filter spans some hundred frames of the lower rate.
    let marginUnits = sourceRate == rate ? 0 : (2048 + min(sourceUnit, unit) - 1) / min(sourceUnit, unit)
    self.sourceFrames = sourceFrames
    sourceBlock = units * sourceUnit
    block = units * unit
    sourceMargin = marginUnits * sourceUnit
    margin = marginUnits * unit
  }

  /// How many blocks there are, at least one.
  var count: Int { max(1, (sourceFrames + sourceBlock - 1) / sourceBlock) }

  /// The frames to decode for a block at the file's rate, and how many frames to throw away at the front after
  /// resampling.
  func source(of index: Int) -> (range: Range<Int>, excess: Int) {
    let start = index * sourceBlock
    // The first block has nothing before it, and blocks may be shorter than a margin. Starts of blocks and
    // margins are whole units, so the quotient is exact.
    let first = max(0, start - sourceMargin)
    return (first..<start + sourceBlock + sourceMargin, (start - first) * block / sourceBlock)
  }
}
