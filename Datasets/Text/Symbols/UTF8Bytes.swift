import Foundation

/// A run of UTF-8 bytes somewhere in a mapped file.
typealias UTF8Bytes = UnsafeBufferPointer<UInt8>

/// What a pass over a run of bytes found.
enum UTF8Content: Equatable {
  /// ASCII only: as many symbols as bytes.
  case ascii
  /// Valid, with scalars beyond ASCII.
  case multibyte
  /// No text: a NUL or malformed UTF-8 starts at this position of the run.
  case invalid(at: Int)
}

extension UTF8Bytes {
  /// Validates the run as text. NUL counts as invalid: it is valid UTF-8, but only binary files hold it.
  func classify() -> UTF8Content {
    var position = 0
    var content = UTF8Content.ascii
    while position < count {
      position = endOfASCII(from: position)
      guard position < count else { break }
      let length = validScalarLength(at: position)
      guard length > 1 else { return .invalid(at: position) }
      content = .multibyte
      position += length
    }
    return content
  }

  /// The first position from `start` on that is not ASCII or is NUL. Eight bytes at a time: most text is
  /// ASCII, and tests run unoptimised.
  private func endOfASCII(from start: Int) -> Int {
    let raw = UnsafeRawBufferPointer(self)
    var position = start
    while position + 8 <= count {
      let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word
      if (word | zeros) & 0x8080_8080_8080_8080 != 0 { break }
      position += 8
    }
    while position < count, self[position] != 0, self[position] < 0x80 { position += 1 }
    return position
  }

  /// Bytes of the well-formed scalar that starts at a position, 0 when none does (Unicode 16, table 3-7).
  private func validScalarLength(at position: Int) -> Int {
    let lead = self[position]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0x01...0x7F: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard position + length <= count, second.contains(self[position + 1]) else { return 0 }
    for next in (position + 2)..<(position + Swift.max(length, 2)) where self[next] & 0xC0 != 0x80 {
      return 0
    }
    return length
  }

  /// Bytes of the scalar with this lead byte. Bounded by the run, so that a file which changes underneath the
  /// mapping gives wrong text, never a read beyond the end.
  func scalarLength(at position: Int) -> Int {
    let lead = self[position]
    let length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    return Swift.min(length, count - position)
  }

  /// Negative, zero or positive as these bytes sort before, equal or after the others; a prefix sorts first.
  func compare(to other: UTF8Bytes) -> Int {
    if let base = baseAddress, let otherBase = other.baseAddress {
      let order = memcmp(base, otherBase, Swift.min(count, other.count))
      if order != 0 { return Int(order) }
    }
    return count - other.count
  }

  /// Calls `body` with the value of each scalar of a valid run.
  func forEachScalar(_ body: (UInt32) -> Void) {
    var position = 0
    while position < count {
      let lead = self[position]
      if lead < 0x80 {
        body(UInt32(lead))
        position += 1
        continue
      }
      let length = scalarLength(at: position)
      var value = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
      for next in (position + 1)..<(position + length) { value = value << 6 | UInt32(self[next] & 0x3F) }
      body(value)
      position += length
    }
  }

  /// Calls `body` with the byte count of each symbol of a valid run until it returns false.
  func forEachSymbolLength(_ kind: SymbolKind, _ body: (Int) -> Bool) {
    switch kind {
    case .scalars:
      var position = 0
      while position < count {
        let length = scalarLength(at: position)
        guard body(length) else { return }
        position += length
      }
    case .graphemes:
      for character in String(decoding: self, as: UTF8.self) {
        guard body(character.utf8.count) else { return }
      }
    }
  }
}
