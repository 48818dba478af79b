import Failures
import Files

/// Element types of a safetensors file, by their names in it. The format knows more; these are the ones that
/// Duel's tensors have.
public enum SafetensorsDType: String, CaseIterable, Sendable {
  /// IEEE double precision.
  case float64 = "F64"
  /// Signed 64-bit.
  case int64 = "I64"
  /// IEEE single precision.
  case float32 = "F32"
  /// Signed 32-bit.
  case int32 = "I32"
  /// IEEE half precision.
  case float16 = "F16"
  /// The upper half of single precision.
  case bfloat16 = "BF16"
  /// Unsigned 8-bit.
  case uint8 = "U8"
  /// One byte, 0 or 1.
  case bool = "BOOL"

  /// Bytes of one element.
  public var width: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }
}

/// One tensor of a safetensors file: what it is and where its bytes lie.
public struct SafetensorsEntry: Hashable, Sendable {
  /// The tensor's dotted name.
  public let name: String
  /// Type of the elements, stored in little-endian order.
  public let dtype: SafetensorsDType
  /// Extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Place of the elements, in C order, relative to the buffer behind the header.
  public let range: Range<Int>

  /// Bytes that the shape and element type ask for; nil for negative extents, and when the product of those that are
  /// not 0 does not fit in 63 bits.
  static func size(of shape: [Int], _ dtype: SafetensorsDType) -> Int? {
    ArrayExtents.bytes(shape, elementSize: dtype.width)
  }
}

/// The header of a safetensors file: its tensors in buffer order, and texts by key.
///
/// Reading is as strict as the reference reader (huggingface/safetensors, `tensor.rs`), and refuses duplicate
/// keys besides: what is accepted is contiguous, in bounds and without overlap.
public struct SafetensorsHeader: Hashable, Sendable {
  /// The tensors, in the order of their bytes.
  public let entries: [SafetensorsEntry]
  /// The `__metadata__` member.
  public let metadata: [String: String]

  /// Longest header that any reader of the format accepts, in bytes.
  static let longest = 100_000_000
  static let metadataKey = "__metadata__"

  /// Bytes of the buffer behind the header.
  public var bufferSize: Int { entries.last?.range.upperBound ?? 0 }

  init(entries: [SafetensorsEntry], metadata: [String: String]) {
    self.entries = Self.inBufferOrder(entries)
    self.metadata = metadata
  }

  /// Sorts by place; tensors without elements share one, hence the name. The order is part of the digest.
  private static func inBufferOrder(_ entries: [SafetensorsEntry]) -> [SafetensorsEntry] {
    entries.sorted { first, second in
      let (a, b) = (first.range, second.range)
      if a == b { return precedes(first.name, second.name) }
      return (a.lowerBound, a.upperBound) < (b.lowerBound, b.upperBound)
    }
  }

  /// Reads the header of a file.
  ///
  /// - Parameters:
  ///   - bytes: the file's first ones, at least up to the header's end where the file has that many.
  ///   - size: how many bytes the file has; nil where they are all given.
  ///   - file: what messages call it.
  /// - Returns: the header and the position of the buffer in the file.
  /// - Throws: `UserError(.badData)` that names the file, what was found and what was expected.
  static func parse(_ bytes: [UInt8], of size: Int? = nil, file: String) throws -> (
    header: Self, bufferStart: Int
  ) {
    func failure(_ message: String) -> UserError { UserError(.badData, "\(file): \(message)") }
    let size = size ?? bytes.count
    guard bytes.count >= 8 else {
      throw failure("found \(bytes.count) bytes, expected a safetensors file of at least 8")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(longest) else {
      throw failure("found a header of \(length) bytes, expected a safetensors header of at most \(longest)")
    }
    let bufferStart = 8 + Int(length)
    guard bufferStart <= size else {
      throw failure(
        "found \(size) bytes, expected a header up to byte \(bufferStart): the file is cut short")
    }
    let header: Self
    do {
      header = try Self(document: JSONValue(parsing: bytes[8..<bufferStart]))
    } catch let error as JSONError {
      throw failure("safetensors header: \(error)")
    } catch let error as JSONMismatch {
      throw failure("safetensors header: \(error)")
    }
    // Compared behind the header: a tensor may end at the largest number that there is.
    let (found, expected) = (size - bufferStart, header.bufferSize)
    guard found == expected else {
      let verdict = found < expected ? "the file is cut short" : "there are trailing bytes"
      throw failure("found \(found) bytes behind the header, expected \(expected): \(verdict)")
    }
    return (header, bufferStart)
  }

  /// Reads the header of an open file, and none of its tensors.
  ///
  /// - Throws: as `parse(_:of:file:)`; `UserError(.inputOutput)` when the disk fails.
  static func parse(_ file: OpenFile) throws -> (header: Self, bufferStart: Int) {
    let length = try file.bytes(at: 0, count: 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let known = length <= UInt64(longest) ? 8 + Int(length) : 8
    return try parse(file.bytes(at: 0, count: known), of: file.size, file: file.name)
  }

  private init(document: JSONValue) throws {
    guard case .object(var members) = document else {
      throw JSONMismatch(key: "", message: "found \(document.kind), expected a record")
    }
    let metadata = members.removeValue(forKey: Self.metadataKey)
    self.metadata = try metadata?.decoded() ?? [:]
    entries = Self.inBufferOrder(try members.map { try Self.entry($0.key, $0.value) })
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let verdict = entry.range.lowerBound < end ? "overlaps the tensor before it" : "leaves a hole"
        throw JSONMismatch(
          key: entry.name,
          message: "found the first byte at \(entry.range.lowerBound), expected \(end): it \(verdict)")
      }
      end = entry.range.upperBound
    }
  }

  private static func entry(_ name: String, _ value: JSONValue) throws -> SafetensorsEntry {
    func mismatch(_ message: String) -> JSONMismatch { JSONMismatch(key: name, message: message) }
    guard case .object(let members) = value, Set(members.keys) == ["dtype", "shape", "data_offsets"] else {
      throw mismatch("found \(value.kind), expected a record of dtype, shape and data_offsets")
    }
    let fields = try value.decoded(as: Fields.self, below: name)
    guard let dtype = SafetensorsDType(rawValue: fields.dtype) else {
      let known = SafetensorsDType.allCases.map(\.rawValue).joined(separator: ", ")
      throw mismatch("found the element type \(fields.dtype), expected one of \(known)")
    }
    guard let size = SafetensorsEntry.size(of: fields.shape, dtype) else {
      throw mismatch("found the shape \(fields.shape), expected extents from 0 whose product fits in 63 bits")
    }
    guard fields.offsets.count == 2, let begin = fields.offsets.first, let end = fields.offsets.last,
      0 <= begin, begin <= end
    else {
      throw mismatch("found the offsets \(fields.offsets), expected a begin from 0 and an end not before it")
    }
    guard end - begin == size else {
      throw mismatch("found \(end - begin) bytes, expected \(size) for \(dtype.rawValue) \(fields.shape)")
    }
    return SafetensorsEntry(name: name, dtype: dtype, shape: fields.shape, range: begin..<end)
  }

  private struct Fields: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype
      case shape
      case offsets = "data_offsets"
    }
  }

  /// The header as compact JSON: metadata first with sorted keys, then the tensors in buffer order.
  func text() -> String {
    var members = entries.map { entry in
      let offsets = [entry.range.lowerBound, entry.range.upperBound]
      let fields: JSONValue = .object([
        "dtype": .string(entry.dtype.rawValue), "shape": .array(entry.shape.map { .int($0) }),
        "data_offsets": .array(offsets.map { .int($0) }),
      ])
      return JSONValue.string(entry.name).text + ":" + fields.text
    }
    if !metadata.isEmpty {
      let texts = JSONValue.object(metadata.mapValues { .string($0) })
      members.insert(JSONValue.string(Self.metadataKey).text + ":" + texts.text, at: 0)
    }
    return "{" + members.joined(separator: ",") + "}"
  }
}

extension JSONValue {
  /// `decoded(as:)` with the keys of mismatches prefixed by `name`, which may itself contain dots.
  fileprivate func decoded<T: Decodable>(as type: T.Type, below name: String) throws -> T {
    do {
      return try decoded(as: type)
    } catch let error as JSONMismatch {
      throw JSONMismatch(key: name + "." + error.key, message: error.message)
    }
  }
}
