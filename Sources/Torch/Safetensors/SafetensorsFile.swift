import Failures
import Files
import Foundation

/// A safetensors file in memory: named tensors as raw bytes, and texts by key.
///
/// Files that Duel writes carry `content-sha256` in their metadata: the digest of the header (without that
/// key) and of the buffer. Reading verifies it, since the format itself has no checksum. Files from elsewhere
/// have none and are accepted unless it is asked for.
public struct SafetensorsFile: Sendable {
  /// What the file holds.
  public let header: SafetensorsHeader
  private let bytes: [UInt8]
  private let bufferStart: Int

  static let digestKey = "content-sha256"

  /// Reads and checks a whole file.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - requiringDigest: also refuses a file without content digest, as any checkpoint has one.
  /// - Throws: `UserError(.badData)` for a file that is damaged or not of this format, `.noInput` when
  ///   absent.
  public init(contentsOf url: URL, requiringDigest: Bool = false) throws {
    try self.init(
      bytes: InputFile.bytes(of: url), file: url.relativePath, requiringDigest: requiringDigest)
  }

  init(bytes: [UInt8], file: String, requiringDigest: Bool = false) throws {
    (header, bufferStart) = try SafetensorsHeader.parse(bytes, file: file)
    self.bytes = bytes
    var digest = try header.startedDigest(required: requiringDigest, file: file)
    bytes.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[bufferStart...])) }
    try header.check(digest, file: file)
  }

  /// The metadata without the content digest.
  public var metadata: [String: String] {
    header.metadata.filter { $0.key != Self.digestKey }
  }

  /// Calls `body` with the bytes of an entry of this file: C order, little-endian, of any alignment.
  public func withBytes<Result>(
    of entry: SafetensorsEntry, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let start = bufferStart + entry.range.lowerBound
    return try bytes.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[start..<start + entry.range.count]))
    }
  }

  /// Starts the digest of a file with its header, any earlier digest left out.
  static func digest(of header: SafetensorsHeader) -> SHA256 {
    let metadata = header.metadata.filter { $0.key != digestKey }
    var digest = SHA256()
    digest.update(SafetensorsHeader(entries: header.entries, metadata: metadata).text())
    return digest
  }
}

/// A tensor to write: its bytes are lent only while they are needed, so that nothing large is copied.
public struct SafetensorsTensor {
  /// The tensor's dotted name, unique in its file.
  public let name: String
  /// Type of the elements.
  public let dtype: SafetensorsDType
  /// Extents, outermost first.
  public let shape: [Int]
  /// Calls its argument with the elements in C order, little-endian.
  public let lend: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Describes a tensor whose bytes `lend` provides. It is called twice: for the digest and for writing.
  public init(
    name: String, dtype: SafetensorsDType, shape: [Int],
    lend: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.lend = lend
  }

  /// Describes a tensor whose bytes are at hand.
  public init(name: String, dtype: SafetensorsDType, shape: [Int], bytes: [UInt8]) {
    self.init(name: name, dtype: dtype, shape: shape) { body in try bytes.withUnsafeBytes { try body($0) } }
  }
}

extension SafetensorsFile {
  /// Writes a file atomically: widest elements first, then by name, header padded to a multiple of 8 bytes,
  /// with the content digest among the metadata. Equal content gives equal bytes.
  ///
  /// Names must be unique and not `__metadata__`, and each tensor must lend what its shape asks for.
  ///
  /// - Throws: `UserError(.cannotCreate)` or `.inputOutput` as `AtomicFile`, and what a tensor's `lend`
  ///   throws.
  public static func write(_ tensors: [SafetensorsTensor], metadata: [String: String] = [:], to url: URL)
    throws
  {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "tensor names must be unique")
    let sorted = tensors.sorted { first, second in
      first.dtype.width == second.dtype.width
        ? precedes(first.name, second.name) : first.dtype.width > second.dtype.width
    }
    var end = 0
    let entries = sorted.map { tensor in
      precondition(tensor.name != SafetensorsHeader.metadataKey, "the name is reserved")
      guard let size = SafetensorsEntry.size(of: tensor.shape, tensor.dtype) else {
        preconditionFailure("\(tensor.name): the shape \(tensor.shape) overflows")
      }
      defer { end += size }
      return SafetensorsEntry(
        name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, range: end..<end + size)
    }
    var digest = digest(of: SafetensorsHeader(entries: entries, metadata: metadata))
    for (tensor, entry) in zip(sorted, entries) {
      try tensor.lend { bytes in
        precondition(bytes.count == entry.range.count, "\(tensor.name): bytes do not match the shape")
        digest.update(bytes)
      }
    }
    let complete = metadata.merging([digestKey: digest.hexDigest()]) { $1 }
    var header = Array(SafetensorsHeader(entries: entries, metadata: complete).text().utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    precondition(header.count <= SafetensorsHeader.longest, "the header is longer than the format allows")
    try AtomicFile.write(to: url) { file in
      try file.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
      try file.write(header)
      for tensor in sorted { try tensor.lend { try file.write($0) } }
    }
  }
}

extension Tensor {
  /// Writes named tensors and texts into a safetensors file, atomically and with a content digest.
  ///
  /// - Parameters:
  ///   - tensors: unique names, and tensors of any device. One at a time is copied to memory.
  ///   - metadata: texts by key.
  ///   - url: the file, which is replaced where it exists.
  /// - Throws: `UserError` when the file cannot be created or written; `TorchError` for an element type that the
  ///   format does not have.
  public static func writeSafetensors(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
  ) throws {
    let entries = try tensors.map { name, tensor in
      guard let dtype = SafetensorsDType(tensor.dtype) else {
        throw TorchError("\(name): safetensors files hold no elements of type \(tensor.dtype)")
      }
      return SafetensorsTensor(name: name, dtype: dtype, shape: tensor.shape) { body in
        try tensor.detached().bytes().withUnsafeBytes { try body($0) }
      }
    }
    try SafetensorsFile.write(entries, metadata: metadata, to: url)
  }

  /// Reads and checks a whole safetensors file.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - device: where the tensors are to lie.
  ///   - requiringDigest: also refuses a file without content digest, which Duel has not written.
  ///   - isWanted: whether a tensor of this name is made; the others are checked all the same.
  /// - Returns: the tensors by name, and the texts by key without the digest.
  /// - Throws: `UserError` when the file is absent, damaged or not of this format.
  public static func readSafetensors(
    _ url: URL, device: Device = .cpu, requiringDigest: Bool = false,
    where isWanted: (_ name: String) -> Bool = { _ in true }
  ) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    let reader = try SafetensorsReader(url)
    var digest = try reader.digest(required: requiringDigest)
    var tensors: [String: Tensor] = [:]
    for entry in reader.header.entries {
      if isWanted(entry.name) {
        tensors[entry.name] = try reader.withBytes(entry.range) { bytes in
          digest.update(bytes)
          return try Tensor(bytes: bytes, dtype: DType(entry.dtype), shape: entry.shape).moved(to: device)
        }
      } else {
        for start in stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: reader.piece) {
          let end = Swift.min(start + reader.piece, entry.range.upperBound)
          try reader.withBytes(start..<end) { digest.update($0) }
        }
      }
    }
    try reader.check(digest)
    return (tensors, reader.header.metadata.filter { $0.key != SafetensorsFile.digestKey })
  }
}

extension SafetensorsDType {
  /// The format's name of an element type; nil for complex numbers, which it does not have.
  init?(_ dtype: DType) {
    switch dtype {
    case .float64: self = .float64
    case .int64: self = .int64
    case .float32: self = .float32
    case .int32: self = .int32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .uint8: self = .uint8
    case .bool: self = .bool
    case .complex64: return nil
    }
  }
}

extension DType {
  /// The element type of the format's name.
  public init(_ dtype: SafetensorsDType) {
    switch dtype {
    case .float64: self = .float64
    case .int64: self = .int64
    case .float32: self = .float32
    case .int32: self = .int32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .uint8: self = .uint8
    case .bool: self = .bool
    }
  }
}
