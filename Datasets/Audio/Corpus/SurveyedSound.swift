import Corpora
import Failures
import Files

/// What is known of a sound after it has been decoded once: where its samples are and how they are scaled.
struct SurveyedSound: ItemSurvey {
  /// How it is decoded again.
  var layout: BlockLayout
  /// The frames that samples are taken from: all, or those between leading and trailing silence.
  var sound: Range<Int>
  /// The frames that the sound's only block holds: what its samples need, where that is at most a block of the layout or
  /// one sample. Nil for a sound that has the layout's blocks.
  var single: Range<Int>?
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
  /// What of its file is not among its samples.
  var remarks: [SoundRemark]
  /// Samples left out because they are silent.
  var silentSlices = 0
  /// Whether the whole sound is silent.
  var isSilent = false
  /// Whether it is shorter than a sample.
  var isShort: Bool
  /// The share of its energy that is in its samples; 1 where these are random parts, which come everywhere in time.
  var energyShare = 1.0

  /// Decodes a sound block by block.
  ///
  /// - Parameter kept: receives each block in order.
  /// - Throws: whatever the source throws.
  init(_ source: any ClipSource, options: AudioCorpusOptions, sampleRate: Int, kept: ([Float]) -> Void) throws
  {
    layout = try source.layout()
    remarks = try source.remarks()
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
    isShort = sound.count < options.frames
    starts = []
    if !isSilent {
      let cells = levels.loudCells
      let all = rule.starts(in: sound)
      if options.slicing == .random {
        loud = cells
        starts = all
      } else {
        starts = all.filter { cells.areIn($0..<min($0 + options.frames, sound.upperBound)) }
      }
      silentSlices = all.count - starts.count
      if options.slicing != .random {
        energyShare = levels.energyShare(
          of: starts.map { $0..<min($0 + options.frames, sound.upperBound) })
      }
    }
    guard options.slicing == .first || layout.count == 1 else { return }
    let first = starts.first ?? sound.lowerBound
    let needed = options.slicing == .first ? options.frames : sound.count
    single = starts.isEmpty ? first..<first : first..<min(first + needed, sound.upperBound)
  }

  /// The block that holds a frame.
  func block(at frame: Int) -> Int { single == nil ? frame / layout.block : 0 }

  /// The first frame of a block.
  func start(ofBlock number: Int) -> Int { single?.lowerBound ?? number * layout.block }

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

/// A sound of a corpus: what decodes it, and the form of the samples that it is surveyed for.
struct Sound: ShelfSource {
  private let source: any ClipSource
  private let options: AudioCorpusOptions
  private let sampleRate: Int

  init(_ source: any ClipSource, options: AudioCorpusOptions, sampleRate: Int) {
    (self.source, self.options, self.sampleRate) = (source, options, sampleRate)
  }

  var name: String { source.name }

  func survey(skipsBad: Bool, reserve: (Int) -> Bool) throws -> [SurveyedItem<SurveyedSound>] {
    // Of a sound with several blocks, all are kept or none, so that memory stays bounded on the way.
    var blocks: [[Float]] = []
    var isKept = true
    let sound = try SurveyedSound(source, options: options, sampleRate: sampleRate) { block in
      guard isKept else { return }
      blocks.append(block)
      guard blocks.count > 1 else { return }
      isKept =
        options.slicing != .first
        && (blocks.count == 2 ? blocks : [block]).allSatisfy { reserve($0.count) }
      if !isKept { blocks = [] }
    }
    guard let single = sound.single else {
      // A file that ends before its announced length may have one of several blocks.
      if blocks.count == 1, !reserve(blocks[0].count) { blocks = [] }
      return [SurveyedItem(.success(sound), blocks: blocks)]
    }
    let decoded = blocks.first
    blocks = [
      try samples(of: single, in: sound.layout) {
        try decoded ?? source.samples(block: $0, of: sound.layout)
      }
    ]
    return [SurveyedItem(.success(sound), blocks: reserve(blocks[0].count) ? blocks : [])]
  }

  func block(_ number: Int, of sound: SurveyedSound) throws -> [Float] {
    guard let single = sound.single else { return try source.samples(block: number, of: sound.layout) }
    return try samples(of: single, in: sound.layout) { try source.samples(block: $0, of: sound.layout) }
  }

  /// The samples of some frames, from all blocks that have some.
  private func samples(
    of frames: Range<Int>, in layout: BlockLayout, block: (Int) throws -> [Float]
  ) throws -> [Float] {
    guard !frames.isEmpty else { return [] }
    let size = layout.count == 1 ? frames.upperBound : layout.block
    var samples: [Float] = []
    for index in frames.lowerBound / size...(frames.upperBound - 1) / size {
      let decoded = try block(index)
      let range = frames.clamped(to: index * size..<(index + 1) * size)
      let (first, count) = (range.lowerBound - index * size, range.count)
      guard first > 0 || count * options.channels < decoded.count else {
        samples += decoded
        continue
      }
      samples += decoded.dropFirst(first * options.channels).prefix(count * options.channels)
    }
    return samples
  }
}
