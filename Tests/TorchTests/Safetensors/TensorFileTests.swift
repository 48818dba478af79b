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
}
