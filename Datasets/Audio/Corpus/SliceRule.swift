import Corpora
import RandomNumbers

/// Where the samples of a sound begin.
struct SliceRule: Sendable {
  let length: Int
  let slicing: Slicing
  let hop: Int
  let short: ShortClips

  init(_ options: AudioCorpusOptions) {
    length = options.length
    slicing = options.slicing
    hop = options.hop
    short = options.short
  }

  /// The first frames of the samples of a sound; a random crop has one sample, whose place is not known yet.
  ///
  /// Overlapping windows start every `hop` frames. What is left after the last whole window becomes one more, filled
  /// up, unless short clips are dropped.
  func starts(in sound: Range<Int>) -> [Int] {
    guard sound.count >= length else { return short == .pad && !sound.isEmpty ? [sound.lowerBound] : [] }
    guard slicing == .overlapping else { return [sound.lowerBound] }
    let last = sound.upperBound - length
    var starts = Array(stride(from: sound.lowerBound, through: last, by: hop))
    if short == .pad, let end = starts.last, end < last { starts.append(end + hop) }
    return starts
  }

  /// Where a random crop begins: a pure function of the word.
  ///
  /// All places are as probable, but silent ones are drawn again, some times; then any place around the loudest
  /// frame.
  func crop(_ word: UInt64, of sound: Range<Int>, loud: LoudCells?, peakFrame: Int) -> Int {
    guard sound.count > length else { return sound.lowerBound }
    var draws = SplitMix64(seed: word)
    func place(in range: ClosedRange<Int>) -> Int {
      range.lowerBound + Int(draws.next().multipliedFullWidth(by: UInt64(range.count)).high)
    }
    let places = sound.lowerBound...(sound.upperBound - length)
    for _ in 0..<16 {
      let start = place(in: places)
      if loud?.areIn(start..<start + length) ?? true { return start }
    }
    return place(in: (peakFrame - length + 1...peakFrame).clamped(to: places))
  }
}

/// Where the windows of a single sound are divided: those that end before a boundary belong to the part before it, those
/// that begin after it to the part behind it, and those across are left out.
struct SoundDivision {
  /// Where the validation part begins; nil where it would have too few windows.
  let validation: Int?
  /// Where the held-out part begins.
  let heldOut: Int

  /// Divides a sound; nil where there are no windows on both sides.
  ///
  /// - Parameters:
  ///   - survey: the sound.
  ///   - options: how it is cut; only overlapping windows are divided.
  init?(_ survey: SurveyedSound, options: AudioCorpusOptions) {
    guard options.slicing == .overlapping else { return nil }
    let (sound, starts, length) = (survey.sound, survey.starts, options.length)
    let tenths = HoldoutRule.heldOutEvery
    let last = sound.lowerBound + sound.count * (tenths - 1) / tenths
    let boundary = sound.lowerBound + sound.count * (tenths - 2) / tenths
    let windows = starts.count { $0 >= boundary && $0 + length <= last }
    (validation, heldOut) = (windows < ValidationRule.fewest ? nil : boundary, last)
    guard !self.starts(starts, length: length, in: .training).isEmpty,
      !self.starts(starts, length: length, in: .heldOut).isEmpty
    else { return nil }
  }

  /// The windows of a part.
  func starts(_ starts: [Int], length: Int, in part: CorpusPart) -> [Int] {
    switch part {
    case .training: starts.filter { $0 + length <= validation ?? heldOut }
    case .validation: starts.filter { $0 >= validation ?? heldOut && $0 + length <= heldOut }
    case .heldOut: starts.filter { $0 >= heldOut }
    }
  }
}
