import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite struct SafetensorsTests {
  /// A file's bytes from its parts.
  private func file(_ header: String, buffer: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let length = length ?? UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text
      + [UInt8](repeating: 0, count: buffer)
  }

  private func entry(_ dtype: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  private func failure(_ bytes: [UInt8]) -> UserError? {
    do {
      _ = try SafetensorsFile(bytes: bytes, file: "a.safetensors")
      return nil
    } catch {
      return error as? UserError
    }
  }

  private func refuses(_ bytes: [UInt8], _ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let error = failure(bytes)
    #expect(error?.category == .badData, sourceLocation: sourceLocation)
    #expect(error?.message.hasPrefix("a.safetensors: ") == true, sourceLocation: sourceLocation)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
  }

  // MARK: What the format forbids

  @Test func refusesWrongSizes() {
    refuses([], "found 0 bytes")
    refuses([1, 2, 3], "at least 8")
    refuses(file("", length: 100_000_001), "header of 100000001 bytes")
    refuses(file("{}", length: .max), "header of 18446744073709551615 bytes")
    refuses(file("{}", length: 3), "cut short")
    refuses(file("{}", buffer: 1), "trailing bytes")
    refuses(file(#"{"a":"# + entry("F32", "[2]", 0, 8) + "}", buffer: 7), "cut short")
    refuses(file(#"{"a":"# + entry("F32", "[2]", 0, 8) + "}", buffer: 9), "trailing bytes")
  }

  @Test func refusesHeadersThatAreNotJSON() {
    refuses(file(""), "expected a value")
    refuses(file("[]"), "expected a record")
    refuses(file("{}x"), "expected the end")
    refuses(Array(file("{\"a\"").prefix(10)) + [0xff, 0xff], "UTF-8")
    refuses(file(#"{"__metadata__":{"k":1}}"#), "expected a text")
    refuses(file(#"{"__metadata__":[]}"#), "expected a record")
  }

  @Test func refusesDuplicateKeys() {
    let one = entry("U8", "[0]", 0, 0)
    refuses(file(#"{"a":\#(one),"a":\#(one)}"#), "\"a\" twice")
    refuses(file(#"{"a":\#(one),"\u0061":\#(one)}"#), "\"a\" twice")
    refuses(file(#"{"__metadata__":{"k":"1","k":"2"}}"#), "\"k\" twice")
    refuses(file(#"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#), "\"dtype\" twice")
  }

  @Test func refusesWrongEntries() {
    refuses(file(#"{"a":1}"#), "a: found a whole number")
    refuses(file(#"{"a":{"dtype":"U8","shape":[0]}}"#), "dtype, shape and data_offsets")
    refuses(
      file(#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}"#), "dtype, shape and data_offsets")
    refuses(file(#"{"a":\#(entry("F8_E4M3", "[1]", 0, 1))}"#, buffer: 1), "element type F8_E4M3")
    refuses(file(#"{"a":\#(entry("f32", "[1]", 0, 4))}"#, buffer: 4), "element type f32")
    refuses(file(#"{"a":\#(entry("U8", "[-1]", 0, 0))}"#), "extents from 0")
    refuses(file(#"{"a":\#(entry("U8", "[1.0]", 0, 1))}"#, buffer: 1), "a.shape.0: found a number")
    refuses(file(#"{"a":\#(entry("U8", #"["1"]"#, 0, 1))}"#, buffer: 1), "a.shape.0: found a text")
    refuses(file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}"#, buffer: 1), "offsets")
    refuses(file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[]}}"#, buffer: 1), "offsets")
  }

  @Test func refusesOverflow() {
    refuses(file(#"{"a":\#(entry("F32", "[4611686018427387904]", 0, 0))}"#), "63 bits")
    refuses(file(#"{"a":\#(entry("U8", "[4294967296,4294967296,0]", 0, 0))}"#), "63 bits")
    refuses(file(#"{"a":\#(entry("U8", "[99999999999999999999]", 0, 0))}"#), "64 bits")
    // A length of 0 hides nothing, wherever it stands.
    refuses(file(#"{"a":\#(entry("U8", "[0,4611686018427387904,4611686018427387904]", 0, 0))}"#), "63 bits")
    refuses(file(#"{"a":\#(entry("F64", "[0,2305843009213693952]", 0, 0))}"#), "63 bits")
    refuses(file(#"{"a":\#(entry("U8", "[9223372036854775807]", 0, .max))}"#), "cut short")
    refuses(file(#"{"a":\#(entry("U8", "[9223372036854775807]", 0, .max))}"#, buffer: 9), "cut short")
  }

  /// Whatever several numbers of a header are at once, the file is read or refused by name, also as tensors.
  @Test func absurdNumbersAreRefused() throws {
    let folder = try TemporaryFolder()
    func make(_ numbers: inout AbsurdNumbers) -> [UInt8] {
      let widths = ["U8": 1, "F32": 4, "F64": 8]
      let dtype = ["F32", "U8", "F64"][numbers.choice(of: 3)]
      let shape = (0..<[2, 0, 1, 3, 4, 5][numbers.choice(of: 6)]).map { _ in numbers.number(2) }
      // As many bytes as whoever multiplies without a look at overflow finds.
      let bytes = max(0, shape.reduce(widths[dtype] ?? 1, &*))
      func record(_ dtype: String, _ shape: String, _ begin: Int, _ size: Int) -> String {
        #"{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(numbers.word(begin)),"#
          + #"\#(numbers.word(begin &+ size))]}"#
      }
      let first = record(dtype, shape.map { "\($0)" }.joined(separator: ","), 0, bytes)
      let second = record("U8", numbers.word(3), bytes, 3)
      let header = #"{"a":\#(first),"b":\#(second)}"#
      let length = numbers.choice(of: 4) == 3 ? numbers.number(header.utf8.count) : header.utf8.count
      return file(header, buffer: min(bytes, 4096) + 3, length: UInt64(bitPattern: Int64(length)))
    }
    var right = AbsurdNumbers(seed: nil)
    try Data(make(&right)).write(to: folder["a"])
    #expect(try Tensor.readSafetensors(folder["a"]).tensors["a"]?.shape == [2, 2])
    var refused = 0
    for copy in 0..<UInt64(500) {
      var numbers = AbsurdNumbers(seed: copy)
      try Data(make(&numbers)).write(to: folder["a"])
      do {
        _ = try Tensor.readSafetensors(folder["a"])
      } catch let error as UserError {
        refused += 1
        #expect(
          error.category == .badData && error.message.hasPrefix(folder["a"].relativePath),
          "copy \(copy): \(error)")
      }
    }
    #expect((250..<500).contains(refused))
  }

  @Test func refusesWrongOffsets() {
    refuses(file(#"{"a":\#(entry("U8", "[2]", 2, 0))}"#), "an end not before it")
    refuses(file(#"{"a":\#(entry("U8", "[2]", -2, 0))}"#), "a begin from 0")
    refuses(file(#"{"a":\#(entry("F32", "[2]", 0, 7))}"#, buffer: 7), "expected 8 for F32 [2]")
    refuses(file(#"{"a":\#(entry("U8", "[2]", 1, 3))}"#, buffer: 3), "hole")
    let two = entry("U8", "[2]", 0, 2)
    refuses(file(#"{"a":\#(two),"b":\#(entry("U8", "[2]", 3, 5))}"#, buffer: 5), "hole")
    refuses(file(#"{"a":\#(two),"b":\#(entry("U8", "[2]", 1, 3))}"#, buffer: 3), "overlaps")
    refuses(file(#"{"a":\#(two),"b":\#(two)}"#, buffer: 2), "overlaps")
  }

  @Test func acceptsWhatTheReferenceAccepts() throws {
    #expect(failure(file("{}")) == nil)
    #expect(failure(file("{}   \n")) == nil)
    #expect(failure(file("  {}")) == nil)
    let scalar = try SafetensorsFile(bytes: file(#"{"s":\#(entry("F32", "[]", 0, 4))}"#, buffer: 4), file: "")
    #expect(scalar.header.entries.map(\.shape) == [[]])
    let header = #"{"e":\#(entry("F32", "[3,0]", 2, 2)),"b":\#(entry("U8", "[2]", 0, 2))}"#
    let empty = try SafetensorsFile(bytes: file(header, buffer: 2), file: "")
    #expect(empty.header.entries.map(\.name) == ["b", "e"])
  }

  // MARK: Writing and reading back

  private func randomTensors(_ generator: inout SplitMix, count: Int) -> [(SafetensorsTensor, [UInt8])] {
    (0..<count).map { index in
      let dtype = SafetensorsDType.allCases.randomElement(using: &generator) ?? .uint8
      let shape = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        Int.random(in: 0...5, using: &generator)
      }
      let bytes = (0..<shape.reduce(dtype.width, *)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      return (
        SafetensorsTensor(name: "layer.\(index).weight", dtype: dtype, shape: shape, bytes: bytes), bytes
      )
    }
  }

  @Test(arguments: 0..<20) func randomTensorsSurvive(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var generator = SplitMix(state: seed)
    let tensors = randomTensors(&generator, count: Int(seed))
    let metadata = ["step": "7", "recipe": "{\"a\":\n\"é\"}"]
    try SafetensorsFile.write(tensors.map(\.0), metadata: metadata, to: folder["a"])
    let read = try SafetensorsFile(contentsOf: folder["a"], requiringDigest: true)
    #expect(read.metadata == metadata)
    #expect(read.header.entries.count == tensors.count)
    for (tensor, bytes) in tensors {
      let entry = try #require(read.header.entries.first { $0.name == tensor.name })
      #expect(entry.dtype == tensor.dtype)
      #expect(entry.shape == tensor.shape)
      #expect(read.withBytes(of: entry) { Array($0) } == bytes)
    }
    #expect(try folder.names == ["a"])
  }

  @Test func theLayoutIsTheDocumentedOne() throws {
    let folder = try TemporaryFolder()
    let tensors = [
      SafetensorsTensor(name: "b", dtype: .uint8, shape: [3], bytes: [1, 2, 3]),
      SafetensorsTensor(name: "z", dtype: .int64, shape: [1], bytes: [9, 0, 0, 0, 0, 0, 0, 0]),
      SafetensorsTensor(name: "a", dtype: .uint8, shape: [], bytes: [4]),
      SafetensorsTensor(name: "h", dtype: .bfloat16, shape: [1, 1], bytes: [5, 6]),
    ]
    try SafetensorsFile.write(tensors, metadata: ["z": "1", "a": "2"], to: folder["a"])
    let bytes = try InputFile.bytes(of: folder["a"])
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    var digest = SHA256()
    let tail =
      #""z":{"data_offsets":[0,8],"dtype":"I64","shape":[1]},"#
      + #""h":{"data_offsets":[8,10],"dtype":"BF16","shape":[1,1]},"#
      + #""a":{"data_offsets":[10,11],"dtype":"U8","shape":[]},"#
      + #""b":{"data_offsets":[11,14],"dtype":"U8","shape":[3]}}"#
    digest.update(#"{"__metadata__":{"a":"2","z":"1"},"# + tail)
    let buffer: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0, 5, 6, 4, 1, 2, 3]
    buffer.withUnsafeBytes { digest.update($0) }
    let expected = #"{"__metadata__":{"a":"2","content-sha256":"\#(digest.hexDigest())","z":"1"},"# + tail
    #expect(header.trimmingCharacters(in: .init(charactersIn: " ")) == expected)
    #expect(Array(bytes[(8 + length)...]) == buffer)
  }

  @Test func theDigestIsOptionalUnlessAskedFor() throws {
    let folder = try TemporaryFolder()
    try Data(file("{}")).write(to: folder["a"])
    _ = try SafetensorsFile(contentsOf: folder["a"])
    let error = #expect(throws: UserError.self) {
      try SafetensorsFile(contentsOf: folder["a"], requiringDigest: true)
    }
    #expect(error?.category == .badData)
  }

  // MARK: Damage

  private func sample() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    var generator = SplitMix(state: 11)
    let tensors = randomTensors(&generator, count: 6).map(\.0)
    try SafetensorsFile.write(tensors, metadata: ["step": "12"], to: folder["a"])
    return try InputFile.bytes(of: folder["a"])
  }

  @Test func anyChangedByteLoadsEqualOrThrows() throws {
    let bytes = try sample()
    let whole = try SafetensorsFile(bytes: bytes, file: "a.safetensors")
    var generator = SplitMix(state: 5)
    var refused = 0
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= UInt8.random(in: 1...255, using: &generator)
      do {
        let read = try SafetensorsFile(bytes: changed, file: "a.safetensors", requiringDigest: true)
        #expect(read.header == whole.header, "byte \(position)")
      } catch let error as UserError {
        #expect(error.category == .badData)
        refused += 1
      }
    }
    #expect(bytes.count > 600)
    // Only a padding space that turned into another blank may pass.
    #expect(refused >= bytes.count - 7)
  }

  @Test func everyTruncationThrows() throws {
    let bytes = try sample()
    for length in 0..<bytes.count {
      #expect(failure(Array(bytes.prefix(length)))?.category == .badData, "length \(length)")
    }
    #expect(failure(bytes + [0])?.category == .badData)
  }
}

/// A small generator with a seed, so that a failure repeats.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
