/// Lengths that the headers of rarer kinds of files state. libsndfile reads as much as there is, and says nothing of the rest.
extension AnnouncedBytes {
  /// What a header announces and the file has; nil for files of other kinds, and where the header does not say it.
  static func rare(_ source: SoundSource) -> AnnouncedBytes? {
    let head = source.bytes(at: 0, count: 1024)
    func has(_ text: String) -> Bool { head.starts(with: Array(text.utf8)) }
    func number(_ range: Range<Int>, isBig: Bool) -> Int? {
      range.upperBound <= head.count ? Chunks.number(head[range], isBig: isBig) : nil
    }
    if has("2BIT"), let frames = number(26..<30, isBig: true), let bits = number(14..<16, isBig: true),
      let stereo = number(12..<14, isBig: true)
    {
      return AnnouncedBytes(count: frames * bits / 8 * (stereo == 0 ? 1 : 2), in: source, from: 128)
    }
    if has("\u{1}\u{4}"), let frames = number(26..<30, isBig: false), let stereo = head.dropFirst(21).first {
      // MPC2000: 16 bits.
      return AnnouncedBytes(count: frames * 2 * (stereo == 0 ? 1 : 2), in: source, from: 42)
    }
    if has("ALawSoundFile**"), let count = number(18..<22, isBig: true) {
      return AnnouncedBytes(count: count, in: source, from: 32)
    }
    if has("Creative Voice File") { return voice(source, from: number(20..<22, isBig: false) ?? 26) }
    if has("NIST_1A") { return sphere(head, source) }
    if has("MATLAB 5.0 MAT-file") {
      return matrices(source, isBig: head.count > 127 && head[126] == UInt8(ascii: "M"))
    }
    if head.starts(with: [0, 0, 0, 0]) { return oldMatrices(source, isBig: false) }
    if head.starts(with: [0, 0, 3, 0xe8]) { return oldMatrices(source, isBig: true) }
    return nil
  }

  private init?(count: Int, in source: SoundSource, from start: Int) {
    guard count >= 0, start <= source.size else { return nil }
    self.init(count: count, present: source.size - start)
  }

  /// The blocks of a Creative Voice file: a kind, 0 for the end, and a length of three bytes.
  private static func voice(_ source: SoundSource, from start: Int) -> AnnouncedBytes? {
    var place = start
    for _ in 0..<Chunks.most {
      let head = source.bytes(at: place, count: 4)
      guard head.count == 4, head[0] != 0 else { return nil }
      let count = Chunks.number(head[1...], isBig: false)
      guard count <= source.size - place - 4 else {
        return AnnouncedBytes(count: count, in: source, from: place + 4)
      }
      place += 4 + count
    }
    return nil
  }

  /// The words of a NIST SPHERE header.
  private static func sphere(_ head: [UInt8], _ source: SoundSource) -> AnnouncedBytes? {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\n")
    func field(_ name: String) -> Int? {
      guard let line = lines.first(where: { $0.hasPrefix(name + " -") }) else { return nil }
      return line.split(separator: " ").last.flatMap { Int($0) }.flatMap {
        (0...1 << 32).contains($0) ? $0 : nil
      }
    }
    guard lines.count > 1, let start = Int(lines[1].filter(\.isNumber)), let frames = field("sample_count"),
      let bytes = field("sample_n_bytes"), bytes <= 8, let channels = field("channel_count"), channels <= 1024
    else { return nil }
    return AnnouncedBytes(count: frames * bytes * channels, in: source, from: start)
  }

  /// The elements of a MATLAB 5 file, and those in its arrays: a kind and a length of four bytes each. The lengths of arrays
  /// themselves prove nothing, as libsndfile counts their heads in them.
  private static func matrices(_ source: SoundSource, isBig: Bool) -> AnnouncedBytes? {
    var place = 128
    for _ in 0..<Chunks.most {
      let head = source.bytes(at: place, count: 8)
      guard head.count == 8 else { return nil }
      let (kind, count) = (Chunks.number(head[..<4], isBig: isBig), Chunks.number(head[4...], isBig: isBig))
      place += 8
      // An array's elements follow; one of at most four bytes has them in its head.
      if kind == 14 || kind >> 16 != 0 { continue }
      guard count <= source.size - place else { return AnnouncedBytes(count: count, in: source, from: place) }
      place += (count + 7) / 8 * 8
    }
    return nil
  }

  /// The matrices of a MATLAB 4 file: kind, rows, columns, whether there are imaginary parts, the length of the name, the name.
  private static func oldMatrices(_ source: SoundSource, isBig: Bool) -> AnnouncedBytes? {
    var place = 0
    for _ in 0..<Chunks.most {
      let head = source.bytes(at: place, count: 20)
      guard head.count == 20 else { return nil }
      let fields = stride(from: 0, to: 20, by: 4).map { Chunks.number(head[$0..<$0 + 4], isBig: isBig) }
      // The tens of the kind say how wide numbers are.
      guard let width = [0: 8, 1: 4, 2: 4, 3: 2, 4: 2, 5: 1][fields[0] / 10 % 10], fields[3] == 0,
        (1...64).contains(fields[4])
      else { return nil }
      let (count, overflow) = (fields[1] * width).multipliedReportingOverflow(by: fields[2])
      let start = place + 20 + fields[4]
      guard !overflow, start <= source.size else { return nil }
      guard count <= source.size - start else { return AnnouncedBytes(count: count, in: source, from: start) }
      place = start + count
    }
    return nil
  }
}
