import Corpora

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
  func judge(_ sound: SurveyedSound, in report: inout CorpusReport) -> Bool {
    guard !sound.isSilent else {
      report[Sound.silent] += 1
      return false
    }
    guard !sound.isShort || options.short == .pad else {
      report[Sound.short] += 1
      return false
    }
    report[Sound.silentSlice] += sound.silentSlices
    return !sound.starts.isEmpty
  }

  func starts(of sound: SurveyedSound, in part: CorpusPart) -> [Int] {
    division?.starts(sound.starts, length: options.length, in: part) ?? sound.starts
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
    "\(sampleRate) \(options.channels) \(options.length) \(options.normalisation.rawValue) "
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
    report.unit = " samples of \(options.length) frames"
    let padded = sounds.count(where: \.isShort)
    if padded > 0 { report.details.append(", \(CorpusReport.counted(padded, "file")) filled up with zeros") }
    report.reading = "decoded"
  }
}
