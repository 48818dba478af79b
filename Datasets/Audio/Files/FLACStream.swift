/// The structure of a FLAC file (RFC 9639), as far as it tells what libFLAC leaves out: it ends where the length in the header does,
/// and passes over whatever is no frame.
enum FLACStream {
  /// Bytes of the first block's content: what the whole stream has in common.
  private static let informationBytes = 34

  /// The streams of a file, which stand one behind the other.
  static func links(of source: SoundSource) -> [Range<Int>] {
    // A stream begins with its name and the head of that block, which may be the last one.
    let starts = source.places(of: Array("fLaC".utf8), in: 0..<source.size).filter { place in
      let head = source.bytes(at: place + 4, count: 4)
      return head.count == 4 && head[0] & 0x7f == 0
        && head[1...].elementsEqual([0, 0, UInt8(informationBytes)])
    }
    return zip(starts, starts.dropFirst() + [source.size]).map { $0..<$1 }
  }

  /// What of a stream is not read: what lies behind the last frame, and frames behind the length that is stated.
  static func remarks(of source: SoundSource) -> Set<SoundRemark> {
    let information = source.bytes(at: 8, count: informationBytes)
    guard information.count == informationBytes else { return [] }
    func number(_ range: Range<Int>) -> Int { Chunks.number(information[range], isBig: true) }
    let (block, stated) = (number(2..<4), number(13..<18) & 0xf_ffff_ffff)
    let first = max(0, source.size - max(longestFrame, number(7..<10)))
    let tail = source.bytes(at: first, count: source.size - first)
    guard let last = lastFrame(of: tail, blockSize: block) else {
      return stated == 0 ? [.missingEnd] : [.otherBytes]
    }
    return stated > 0 && last > stated ? [.beyondLength] : []
  }

  /// How far before the end the last frame is looked for, where the header does not state a longer one. Frames of 4,608 samples of eight channels of 32 bits, the longest that
  /// encoders make, have 147 kB.
  private static let longestFrame = 1 << 18

  /// The sample behind the last frame; nil where the bytes do not end in one.
  ///
  /// - Parameter blockSize: samples of each frame but the last, where frames have numbers.
  private static func lastFrame(of bytes: [UInt8], blockSize: Int) -> Int? {
    // Zeros behind a frame do not change its checksum, in which it ends.
    guard bytes.count > 10, bytes.suffix(3).contains(where: { $0 != 0 }) else { return nil }
    for place in stride(from: bytes.count - 10, through: 0, by: -1)
    where bytes[place] == 0xff && bytes[place + 1] & 0xfe == 0xf8 {
      if let end = frameEnd(bytes[place...], blockSize: blockSize), checksum16(bytes[place...]) == 0 {
        return end
      }
    }
    return nil
  }

  /// The sample behind a frame whose header is at the start of some bytes; nil where none is.
  private static func frameEnd(_ bytes: ArraySlice<UInt8>, blockSize: Int) -> Int? {
    let head = Array(bytes.prefix(16))
    let (sizeCode, rateCode) = (Int(head[2] >> 4), Int(head[2] & 15))
    guard sizeCode != 0, rateCode != 15, head[3] >> 4 <= 10, head[3] & 1 == 0 else { return nil }
    // The number of the frame, or of its first sample, as UTF-8 would write it.
    let length = (~head[4]).leadingZeroBitCount
    guard length != 1, length < 8 else { return nil }
    var place = 4 + max(1, length)
    guard place + 5 <= head.count else { return nil }
    let lead = length == 0 ? Int(head[4]) : Int(head[4]) & (1 << max(0, 7 - length)) - 1
    let number = head[5..<place].reduce(lead) { $0 << 6 | Int($1 & 0x3f) }
    var size = sizeCode == 1 ? 192 : sizeCode < 6 ? 144 << sizeCode : 256 << (sizeCode - 8)
    if sizeCode == 6 || sizeCode == 7 {
      size = Chunks.number(head[place..<place + sizeCode - 5], isBig: true) + 1
      place += sizeCode - 5
    }
    place += rateCode < 12 ? 0 : rateCode == 12 ? 1 : 2
    guard checksum8(head[..<place]) == head[place] else { return nil }
    return (head[1] & 1 == 0 ? number * blockSize : number) + size
  }

  /// The CRC of a frame's header: polynomial 0x07, most significant bit first, starting at zero.
  private static func checksum8(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    bytes.reduce(UInt8(0)) { sum, byte in
      (0..<8).reduce(sum ^ byte) { word, _ in word << 1 ^ (word >> 7 == 1 ? 0x07 : 0) }
    }
  }

  /// The CRC of a frame, 0 for a whole one with its own: polynomial 0x8005, most significant bit first, starting at zero.
  private static func checksum16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.reduce(UInt16(0)) { $0 << 8 ^ table[Int($0 >> 8 ^ UInt16($1))] }
  }

  private static let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index) << 8) { word, _ in word << 1 ^ (word >> 15 == 1 ? 0x8005 : 0) }
  }
}
