/// The pages of an Ogg file (RFC 3533).
enum OggStream {
  /// Replaces the random serial number that libsndfile gives a stream by a checksum of its content, so that equal
  /// sounds give equal bytes, and different ones can still be joined in one file.
  ///
  /// The file must hold one stream, as those that libsndfile writes do.
  static func fixSerialNumber(in bytes: inout [UInt8]) {
    let pages = pages(of: bytes)
    for page in pages {
      put(0, into: &bytes, at: page.lowerBound + 14)
      put(0, into: &bytes, at: page.lowerBound + 22)
    }
    let serial = checksum(of: bytes[...])
    for page in pages {
      put(serial, into: &bytes, at: page.lowerBound + 14)
      let sum = checksum(of: bytes[page])
      put(sum, into: &bytes, at: page.lowerBound + 22)
    }
  }

  /// A page is a header of 27 bytes, the sizes of its segments, and the segments.
  private static func pages(of bytes: [UInt8]) -> [Range<Int>] {
    var pages: [Range<Int>] = []
    var place = 0
    while place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8) {
      let segments = place + 27..<place + 27 + Int(bytes[place + 26])
      guard segments.upperBound <= bytes.count else { break }
      let end = bytes[segments].reduce(segments.upperBound) { $0 + Int($1) }
      guard end <= bytes.count else { break }
      pages.append(place..<end)
      place = end
    }
    return pages
  }

  private static func put(_ word: UInt32, into bytes: inout [UInt8], at place: Int) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }
  }

  /// The CRC of Ogg: polynomial 0x04c11db7, most significant bit first, starting at zero.
  private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(UInt32(0)) { $0 << 8 ^ table[Int($0 >> 24 ^ UInt32($1))] }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { word, _ in word << 1 ^ (word >> 31 == 1 ? 0x04c1_1db7 : 0) }
  }
}
