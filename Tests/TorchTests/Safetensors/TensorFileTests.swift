import Failures
import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite struct TensorFileTests {
  @Test(arguments: DType.allCases.filter { $0 != .complex64 })
  func everyElementTypeComesBack(dtype: DType) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("tensors.safetensors")
    let matrix = try Tensor([0, 1, 1, 0, 1, 1] as [Int], shape: [2, 3]).converted(to: dtype)
    let written: [(name: String, tensor: Tensor)] = [
      ("net.matrix", matrix), ("net.turned", try matrix.transposed()),
      ("scalar", try Tensor(1).converted(to: dtype)),
      ("none", try Tensor.zeros([0, 4], dtype: dtype)),
    ]
    try Tensor.writeSafetensors(written, metadata: ["step": "12"], to: url)
    let (tensors, metadata) = try Tensor.readSafetensors(url, requiringDigest: true)
    #expect(metadata == ["step": "12"])
    #expect(tensors.count == written.count)
    for (name, tensor) in written { #expect(try tensors[name]?.isEqual(to: tensor) == true, "\(name)") }
  }

  @Test func networksComeBackBitForBit() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("weights.safetensors")
    var stream = RandomStream(seed: 1, name: "weights")
    let weight = try Parameter(stream.normal([7, 5]))
    try Tensor.writeSafetensors([("weight", weight.value)], to: url)
    let read = try #require(try Tensor.readSafetensors(url).tensors["weight"])
    #expect(try read.bytes() == weight.value.detached().bytes())
    #expect(!read.requiresGrad)
  }

  @Test func complexNumbersAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("complex.safetensors")
    let complex = try Tensor.zeros([2], dtype: .complex64)
    #expect(throws: TorchError.self) { try Tensor.writeSafetensors([("c", complex)], to: url) }
    #expect(!FileManager.default.fileExists(atPath: url.path))
  }

  @Test func aDamagedFileIsNamed() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("damaged.safetensors")
    try Tensor.writeSafetensors([("w", try Tensor([1.0, 2.0]))], to: url)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: url)
    #expect {
      _ = try Tensor.readSafetensors(url)
    } throws: {
      ($0 as? UserError)?.category == .badData && String(describing: $0).contains("damaged.safetensors")
    }
  }

  @Test func onlyWhatIsWantedIsMade() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("parts.safetensors")
    var stream = RandomStream(seed: 1, name: "weights")
    // The larger one takes more than one reading.
    let (wanted, other) = (try stream.normal([7, 5]), try stream.normal([300_000]))
    try Tensor.writeSafetensors([("a.w", wanted), ("b.w", other)], metadata: ["step": "1"], to: url)
    let (tensors, metadata) = try Tensor.readSafetensors(url) { $0.hasPrefix("a.") }
    #expect(Array(tensors.keys) == ["a.w"] && metadata == ["step": "1"])
    #expect(try tensors["a.w"]?.isEqual(to: wanted) == true)
    // The others are checked all the same.
    let whole = try Data(contentsOf: url)
    for position in [whole.count - 1, whole.count - 600_000, whole.count - 1_199_990] {
      var bytes = whole
      bytes[position] ^= 1
      try bytes.write(to: url)
      #expect(throws: UserError.self, "\(position)") {
        try Tensor.readSafetensors(url) { $0.hasPrefix("a.") }
      }
    }
  }

  @Test func aFileThatBecomesShorterIsRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("shorter.safetensors")
    try Tensor.writeSafetensors([("w", try Tensor([1.0, 2.0]))], to: url)
    let reader = try SafetensorsReader(url)
    truncate(url.path, off_t(try Data(contentsOf: url).count - 3))
    #expect {
      try reader.withBytes(0..<16) { _ in }
    } throws: {
      ($0 as? UserError)?.category == .badData && String(describing: $0).contains("became shorter")
    }
  }
}
