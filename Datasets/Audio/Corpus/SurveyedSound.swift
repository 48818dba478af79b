import Failures
import Files

/// What is known of a sound after it has been decoded once: where its samples are and how they are scaled.
struct SurveyedSound: Sendable {
  /// How it is decoded again.
  var layout: BlockLayout
  /// The frames that samples are taken from: all, or those between leading and trailing silence.
  var sound: Range<Int>
  /// What samples are multiplied with.
  var gain: Float
  /// The loudest frame.
  var peakFrame: Int
  /// Which places random crops may take; nil where samples do not move.
  var loud: LoudCells?
  /// SHA-256 of all decoded samples, before scaling and cutting.
  var digest: String
  /// The first frames of its samples, silent ones left out.
  var starts: [Int]
  /// Samples left out because they are silent.
  var silentSlices = 0
  /// Whether the whole sound is silent.
  var isSilent = false
  /// Whether it is shorter than a sample.
  var isShort: Bool

  /// Decodes a sound block by block.
  ///
  /// - Parameter kept: receives each block in order.
  /// - Throws: whatever the source throws.
  init(_ source: any ClipSource, options: AudioCorpusOptions, sampleRate: Int, kept: ([Float]) -> Void) throws
  {
    layout = try source.layout()
    let channels = options.channels
    var levels = LevelMap()
    var hash = SHA256()
    for index in 0..<layout.count {
      let samples = try source.samples(block: index, of: layout)
      levels.append(samples, channels: channels)
      samples.withUnsafeBytes { hash.update($0) }
      kept(samples)
      // A file may end before its announced length.
      if samples.count < layout.block * channels { break }
    }
    digest = hash.hexDigest()
    peakFrame = levels.peakFrame
    gain = Self.gain(levels, options: options, sampleRate: sampleRate)
    let rule = SliceRule(options)
    isSilent = levels.peak < LevelMap.silence
    sound = options.trimSilence ? levels.loudRange : 0..<levels.frames
    isShort = sound.count < options.length
    starts = []
    guard !isSilent else { return }
    let cells = levels.loudCells
    let all = rule.starts(in: sound)
    if options.slicing == .random {
      loud = cells
      starts = all
    } else {
      starts = all.filter { cells.areIn($0..<min($0 + options.length, sound.upperBound)) }
    }
    silentSlices = all.count - starts.count
  }

  private static func gain(_ levels: LevelMap, options: AudioCorpusOptions, sampleRate: Int) -> Float {
    guard levels.peak >= LevelMap.silence else { return 1 }
    switch options.normalisation {
    case .none: return 1
    case .peak: return 0.9 / levels.peak
    case .loudness:
      return min(
        0.1 / levels.loudness(sampleRate: sampleRate, channels: options.channels), 0.99 / levels.peak)
    }
  }
}
