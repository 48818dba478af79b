/// The sizes of the tables that the header of an Ogg Vorbis file asks for.
///
/// libvorbis believes them: it takes a table's memory from the stack, so that a file of 200 bytes, which says in five bytes that a
/// table has four million entries, ends the process. So they are looked at before the library sees the file (Vorbis I
/// specification, section 3.2.1).
enum VorbisSetup {
  /// The most entries that a table may have. Those of the encoders at hand have 6561 at most.
  static let mostEntries = 1 << 15
  /// The most numbers that all tables together may have; the encoders at hand need 87,952.
  static let mostNumbers = 1 << 22
  /// No setup header is longer: those of the encoders at hand have eleven thousand bytes at most.
  static let longest = 1 << 20

  /// What is wrong with the tables of a file; nil where nothing is, and for files of another kind.
  static func fault(in source: SoundSource) -> String? {
    for packet in OggPackets(source, prefix: [5] + Array("vorbis".utf8), longest: longest) {
      guard packet.count < longest else { return "found a Vorbis header of more than \(longest) bytes" }
      if let fault = fault(in: packet) { return fault }
    }
    return nil
  }

  /// What is wrong with the tables of a setup header. What does not follow the format is left to the library, which refuses it
  /// without making any.
  private static func fault(in packet: [UInt8]) -> String? {
    var bits = BitReader(bytes: packet, position: 8 * 7)
    var numbers = 0
    guard let count = bits.read(8) else { return nil }
    for book in 0...count {
      guard bits.read(24) == 0x56_4342, let dimensions = bits.read(16), let entries = bits.read(24) else {
        return nil
      }
      numbers += max(1, dimensions) * entries
      guard entries <= mostEntries, numbers <= mostNumbers else {
        return
          "found \(entries) entries of \(dimensions) numbers in table \(book) of the Vorbis header, expected at most "
          + "\(mostEntries) entries, and \(mostNumbers) numbers in all tables"
      }
      guard bits.passLengths(of: entries), bits.passValues(entries: entries, dimensions: dimensions) else {
        return nil
      }
    }
    return nil
  }
}

/// Reads bits from the lowest on.
private struct BitReader {
  let bytes: [UInt8]
  var position: Int

  /// A number of at most 32 bits; nil where the bytes end before.
  mutating func read(_ count: Int) -> Int? {
    guard position + count <= 8 * bytes.count else { return nil }
    var number = 0
    for bit in 0..<count {
      let place = position + bit
      number |= Int(bytes[place >> 3] >> UInt8(place & 7) & 1) << bit
    }
    position += count
    return number
  }

  /// Passes the lengths of a table's code words.
  mutating func passLengths(of entries: Int) -> Bool {
    guard let isOrdered = read(1) else { return false }
    if isOrdered == 1 {
      guard read(5) != nil else { return false }
      var done = 0
      // A word has at most 32 bits.
      for _ in 0..<32 where done < entries {
        guard let count = read(Int.bitWidth - (entries - done).leadingZeroBitCount) else { return false }
        done += count
      }
      return done == entries
    }
    guard let isSparse = read(1) else { return false }
    for _ in 0..<entries {
      if isSparse == 1 {
        guard let isUsed = read(1) else { return false }
        if isUsed == 0 { continue }
      }
      guard read(5) != nil else { return false }
    }
    return true
  }

  /// Passes the values that a table's entries stand for.
  mutating func passValues(entries: Int, dimensions: Int) -> Bool {
    guard let kind = read(4), kind <= 2 else { return false }
    if kind == 0 { return true }
    guard read(32) != nil, read(32) != nil, let width = read(4), read(1) != nil else { return false }
    var values = entries * dimensions
    if kind == 1 {
      // The largest number whose power by the dimensions is no more than the entries.
      values = 0
      while dimensions > 0, Self.power(values + 1, dimensions, isAtMost: entries) { values += 1 }
    }
    let (size, overflow) = values.multipliedReportingOverflow(by: width + 1)
    guard !overflow, size <= 8 * bytes.count - position else { return false }
    position += size
    return true
  }

  private static func power(_ base: Int, _ exponent: Int, isAtMost limit: Int) -> Bool {
    var product = 1
    for _ in 0..<exponent {
      product *= base
      guard product <= limit else { return false }
      if base == 1 { return true }
    }
    return true
  }
}

/// The packets of an Ogg file that begin with some bytes, put together as libogg does (RFC 3533): pages with another checksum
/// are passed over, and so are packets of which a page is missing.
private struct OggPackets: Sequence, IteratorProtocol {
  private let source: SoundSource
  private let prefix: [UInt8]
  private let longest: Int
  private var place: Int
  private var ready: [[UInt8]] = []
  /// The streams that the pages belong to, by their serial numbers.
  private var streams: [[UInt8]: Stream] = [:]
  /// Streams whose packet has been found, or that have none.
  private var finished: Set<[UInt8]> = []
  /// Whether a page has been read that is not the first of its stream: those stand before all others.
  private var isBehindFirstPages = false

  private struct Stream {
    var page: UInt32
    /// The packet that goes on in the next page; nil where it is not one that is looked for.
    var packet: [UInt8]?
    var goesOn = false
  }

  init(_ source: SoundSource, prefix: [UInt8], longest: Int) {
    (self.source, self.prefix, self.longest) = (source, prefix, longest)
    place = source.startBehindTags
    if !source.bytes(at: place, count: 4).elementsEqual("OggS".utf8) { place = source.size }
  }

  mutating func next() -> [UInt8]? {
    while ready.isEmpty, place < source.size {
      // Headers come first: where every stream has had its own, there is nothing to look for in the sound behind them.
      if isBehindFirstPages, streams.keys.allSatisfy({ finished.contains($0) }) { return nil }
      readPage()
    }
    return ready.isEmpty ? nil : ready.removeFirst()
  }

  private mutating func readPage() {
    let head = source.bytes(at: place, count: 27)
    guard head.count == 27 else { return place = source.size }
    guard head.starts(with: Array("OggS".utf8)) else { return resynchronise() }
    let table = source.bytes(at: place + 27, count: Int(head[26]))
    let size = 27 + Int(head[26]) + table.reduce(0) { $0 + Int($1) }
    var page = source.bytes(at: place, count: size)
    guard page.count == size else { return resynchronise() }
    for index in 22..<26 { page[index] = 0 }
    guard OggStream.checksum(of: page[...]) == Self.word(head, at: 22) else { return resynchronise() }
    place += size
    add(page[(27 + Int(head[26]))...], table: table, head: head)
  }

  /// Goes to where another page may begin.
  private mutating func resynchronise() {
    let block = source.bytes(at: place + 1, count: 1 << 16)
    guard let next = block.firstRange(of: Array("OggS".utf8))?.lowerBound else {
      place = block.count < 4 ? source.size : place + block.count - 2
      return
    }
    place += 1 + next
  }

  /// Takes the packets of a page.
  private mutating func add(_ content: ArraySlice<UInt8>, table: [UInt8], head: [UInt8]) {
    let isFirst = head[5] & 2 != 0
    if !isFirst { isBehindFirstPages = true }
    let (serial, number) = (Array(head[14..<18]), Self.word(head, at: 18))
    var stream = streams[serial] ?? Stream(page: number)
    // What is packed in other streams, as Opus or FLAC, has no such packet.
    if isFirst, !content.starts(with: [1] + Array("vorbis".utf8)) { finished.insert(serial) }
    let isContinued = head[5] & 1 != 0
    if stream.page != number || !isContinued { (stream.packet, stream.goesOn) = (nil, false) }
    // The rest of a packet whose beginning is missing belongs to none.
    var isSkipped = isContinued && !stream.goesOn
    var start = content.startIndex
    var size = 0
    for (index, segment) in table.enumerated() {
      size += Int(segment)
      guard segment < 255 || index == table.count - 1 else { continue }
      let part = content[start..<start + size]
      start += size
      size = 0
      let isNew = !stream.goesOn && !isSkipped
      if isNew { stream.packet = [] }
      // Of other packets as little is kept as tells them apart.
      if let packet = stream.packet {
        let whole = packet + part.prefix(longest - packet.count)
        stream.packet = whole.starts(with: prefix.prefix(whole.count)) ? whole : nil
      }
      stream.goesOn = segment == 255
      guard !stream.goesOn else { break }
      if let packet = stream.packet, packet.count >= prefix.count {
        ready.append(packet)
        finished.insert(serial)
      }
      (stream.packet, isSkipped) = (nil, false)
    }
    if isSkipped { stream.goesOn = false }
    stream.page = number &+ 1
    streams[serial] = stream
  }

  private static func word(_ bytes: [UInt8], at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
  }
}
