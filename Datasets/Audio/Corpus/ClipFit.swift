import Corpora
import Failures

/// How long clips become where nobody says: long enough for nearly all sounds, but no longer than can be trained.
public struct ClipFit: Sendable {
  /// The longest clip, in frames.
  public var mostFrames: Int
  /// The longest clip, in seconds.
  public var mostSeconds: Double
  /// Whether lengths are powers of two; otherwise, from 8,192 on, also one and a half times these.
  public var isPowerOfTwo: Bool

  /// The shortest clip, in frames.
  private static let fewestFrames = 1024
  /// The share of files whose sound ends within a clip.
  private static let share = 0.95
  /// Files that are looked at, at most; of more, evenly spread ones.
  private static let mostFiles = 200
  /// How much of a clip that is not a file's beginning, in seconds.
  private static let usualSeconds = 1.0

  /// Any length up to 4 seconds, unless asked otherwise.
  public init(mostFrames: Int = 1 << 18, mostSeconds: Double = 4, isPowerOfTwo: Bool = false) {
    (self.mostFrames, self.mostSeconds, self.isPowerOfTwo) = (mostFrames, mostSeconds, isPowerOfTwo)
  }

  /// The length that suits files: where each gives its beginning, the smallest within which 95 % of them end, trailing
  /// silence apart; else about a second.
  ///
  /// - Parameters:
  ///   - paths: the files; those that cannot be read do not count.
  ///   - options: how they become samples.
  ///   - sampleRate: that they are read at.
  func frames(for paths: [String], options: AudioCorpusOptions, sampleRate: Int) -> Int {
    guard options.slicing == .first else { return rounded(Self.usualSeconds, sampleRate: sampleRate) }
    let step = max(1, (paths.count + Self.mostFiles - 1) / Self.mostFiles)
    let ends = stride(from: 0, to: paths.count, by: step).compactMap { index in
      end(of: paths[index], options: options, sampleRate: sampleRate)
    }.sorted()
    guard !ends.isEmpty else { return AudioCorpusOptions.usualLength }
    let last = min(ends.count - 1, Int((Self.share * Double(ends.count)).rounded(.up)) - 1)
    return rounded(Double(ends[max(last, 0)]) / Double(sampleRate), sampleRate: sampleRate)
  }

  /// The smallest length of the ladder that holds some seconds, or the largest one that is permitted.
  func rounded(_ seconds: Double, sampleRate: Int) -> Int {
    let most = min(Double(mostFrames), mostSeconds * Double(sampleRate))
    let needed = min(seconds * Double(sampleRate), most)
    var length = Self.fewestFrames
    while Double(length) < needed, Double(longer(length)) <= most { length = longer(length) }
    return length
  }

  /// The next length of the ladder.
  private func longer(_ length: Int) -> Int {
    let isPower = length.nonzeroBitCount == 1
    if !isPower { return length / 3 * 4 }
    return isPowerOfTwo || length < AudioCorpusOptions.usualLength ? length * 2 : length / 2 * 3
  }

  /// The frame behind which a file is silent, counted from where its samples begin; what lies beyond the longest clip does not
  /// matter. Nil for a file that is silent or cannot be read.
  private func end(of path: String, options: AudioCorpusOptions, sampleRate: Int) -> Int? {
    let source = FileClipSource(name: path, sampleRate: sampleRate, channels: options.channels)
    guard let layout = try? source.layout() else { return nil }
    var levels = LevelMap()
    for index in 0..<layout.count {
      guard let samples = try? source.samples(block: index, of: layout) else { return nil }
      levels.append(samples, channels: options.channels)
      if samples.count < layout.block * options.channels || levels.frames > 2 * mostFrames { break }
    }
    guard levels.peak >= LevelMap.silence else { return nil }
    let loud = levels.loudRange
    return options.trimSilence ? loud.count : loud.upperBound
  }
}
