import Corpora
import Foundation
import RandomNumbers

extension Sound {
  static let silent = Omission("silent")
  static let short = Omission("too short")
  static let silentSlice = Omission("silent part", many: "silent parts")

  /// What messages call sounds.
  static let words = ItemWords(
    part: "file", item: "sound file", bad: Omission("damaged"),
    omissions: [Omission("damaged"), silent, short, .duplicate, .overlap, silentSlice])
}

/// Cuts samples out of sounds, and scales them.
struct SoundReader: SampleReader {
  typealias Source = Sound

  let options: AudioCorpusOptions
  let sampleRate: Int
  let rule: SliceRule
  /// Where the only sound is divided; nil where sounds are held out whole.
  var division: SoundDivision?

  init(options: AudioCorpusOptions, sampleRate: Int) {
    (self.options, self.sampleRate, rule) = (options, sampleRate, SliceRule(options))
  }

  /// Whether a sound has samples.
  func judge(_ sound: SurveyedSound, named name: String, in report: inout CorpusReport) -> Bool {
    for remark in sound.remarks { report.remarks.add(remark.omission, named: name) }
    guard !sound.isSilent else {
      report.leaveOut(Sound.silent, named: name)
      return false
    }
    guard !sound.isShort || options.short == .pad else {
      report.leaveOut(Sound.short, named: name)
      return false
    }
    report.leaveOut(Sound.silentSlice, named: name, count: sound.silentSlices)
    return !sound.starts.isEmpty
  }

  func starts(of sound: SurveyedSound, in part: CorpusPart) -> [Int] {
    division?.starts(sound.starts, length: options.frames, in: part) ?? sound.starts
  }

  func blocks(of sound: SurveyedSound, start: Int, draw: UInt64?) -> [(number: Int, count: Int)] {
    if let single = sound.single { return [(0, single.count * options.channels)] }
    if rule.slicing == .random, draw == nil { return [] }
    let start = first(of: sound, start: start, draw: draw ?? 0)
    let end = min(start + rule.length, sound.sound.upperBound)
    guard start < end else { return [] }
    let last = min(sound.layout.count - 1, sound.block(at: end - 1))
    return (min(last, sound.block(at: start))...last).map { ($0, sound.layout.block * options.channels) }
  }

  /// Scaled samples from the start on, with zeros beyond the sound's end.
  func sample(
    of sound: SurveyedSound, start: Int, draw: UInt64, block: (Int) throws -> [Float]
  ) throws -> [Float]? {
    let channels = options.channels
    var position = first(of: sound, start: start, draw: draw)
    let end = min(position + rule.length, sound.sound.upperBound)
    let gain = sound.gain
    var samples = [Float]()
    samples.reserveCapacity(rule.length * channels)
    while position < end {
      let number = sound.block(at: position)
      let blockStart = sound.start(ofBlock: number)
      let block = try block(number)
      let first = (position - blockStart) * channels
      let last = min(block.count, (end - blockStart) * channels)
      guard first < last else { return nil }
      block.withUnsafeBufferPointer { block in
        for offset in first..<last { samples.append(block[offset] * gain) }
      }
      position = blockStart + last / channels
    }
    samples.append(contentsOf: repeatElement(0, count: rule.length * channels - samples.count))
    return samples
  }

  private func first(of sound: SurveyedSound, start: Int, draw: UInt64) -> Int {
    guard rule.slicing == .random else { return start }
    return rule.crop(draw, of: sound.sound, loud: sound.loud, peakFrame: sound.peakFrame)
  }

  var form: String {
    "\(sampleRate) \(options.channels) \(options.frames) \(options.normalisation.rawValue) "
      + options.slicing.rawValue
  }

  func identity(of sound: SurveyedSound, starts: [Int]) -> String {
    "\(sound.digest) \(sound.sound) \(starts)"
  }

  func describe(_ sounds: [SurveyedSound], in report: inout CorpusReport) {
    let frames = sounds.reduce(0) { $0 + $1.sound.count }
    let seconds = Int((Double(frames) / Double(sampleRate)).rounded())
    let duration =
      seconds < 120
      ? CorpusReport.counted(seconds, "second") : CorpusReport.counted((seconds + 30) / 60, "minute")
    let channels = options.channels
    let layout = channels == 1 ? "mono" : channels == 2 ? "stereo" : "\(channels) channels"
    report.found = CorpusReport.counted(report.items, "sound file")
    report.content = "; \(duration) of sound at \(sampleRate) Hz, \(layout); "
    report.unit = " samples of \(options.frames) frames"
    let padded = sounds.count(where: \.isShort)
    if padded > 0 { report.details.append(", \(CorpusReport.counted(padded, "file")) filled up with zeros") }
    if let length = Self.lengthWords(sounds, sampleRate: sampleRate) { report.details.append(length) }
    report.reading = "decoded"
  }
}

extension SoundReader {
  /// How long sounds are, and how much of them samples hold; nil for none, and for sounds of one length that samples hold.
  private static func lengthWords(_ sounds: [SurveyedSound], sampleRate: Int) -> String? {
    let seconds = sounds.map { Double($0.sound.count) / Double(sampleRate) }.sorted()
    guard let least = seconds.first, let most = seconds.last else { return nil }
    let share = sounds.reduce(0) { $0 + $1.energyShare } / Double(sounds.count)
    guard most > least || share < 0.9995 else { return nil }
    func text(_ seconds: Double) -> String { String(format: seconds < 10 ? "%.2f" : "%.0f", seconds) }
    var words = "; files of \(text(least)) to \(text(most)) seconds, half of them at most"
    words += " \(text(seconds[(seconds.count - 1) / 2]))"
    guard share < 0.9995 else { return words }
    return words + String(format: ", of whose sound (energy) samples hold %.1f %%", 100 * share)
  }
}

/// Where the samples of a sound begin.
struct SliceRule: Sendable {
  let length: Int
  let slicing: Slicing
  let hop: Int
  let short: ShortClips

  init(_ options: AudioCorpusOptions) {
    length = options.frames
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
    let (sound, starts, length) = (survey.sound, survey.starts, options.frames)
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
