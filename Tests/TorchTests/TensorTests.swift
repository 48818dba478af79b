import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test func valuesGoInAndOut() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(tensor.shape == [2, 3])
    #expect(tensor.dtype == .float32)
    #expect(try tensor.transposed().array(of: Float.self) == [1, 4, 2, 5, 3, 6])
    #expect(tensor.description == "float32[2, 3] [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]")
  }

  @Test func engineErrorsAreThrown() throws {
    let a = try Tensor.zeros([2, 3])
    let b = try Tensor.zeros([4, 5])
    #expect {
      _ = try a.matmul(b)
    } throws: {
      String(describing: $0).contains("aten::matmul") && String(describing: $0).contains("2x3 and 4x5")
    }
  }

  @Test func secondDerivativesOfACube() throws {
    let x = try Tensor([2.0, 3.0] as [Double]).asLeaf()
    let first = try #require(try gradients(of: [x.power(3)], withRespectTo: [x], createGraph: true)[0])
    #expect(try first.array(of: Double.self) == [12, 27])
    let second = try #require(try gradients(of: [first], withRespectTo: [x])[0])
    #expect(try second.array(of: Double.self) == [12, 18])
  }

  @Test func streamsDependOnSeedStepAndNameAlone() throws {
    var a = RandomStream(seed: 1, step: 2, name: "latents")
    var b = RandomStream(seed: 1, step: 2, name: "latents")
    #expect(try a.normal([3, 4]).isEqual(to: b.normal([3, 4])))
    var c = RandomStream(seed: 1, step: 3, name: "latents")
    #expect(a.next() != c.next())
  }
}
