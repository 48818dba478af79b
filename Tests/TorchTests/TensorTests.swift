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
    // Each of the three matters, and neighbours have nothing in common.
    let words = [
      RandomStream(seed: 1, step: 2, name: "latents"), RandomStream(seed: 2, step: 2, name: "latents"),
      RandomStream(seed: 1, step: 3, name: "latents"), RandomStream(seed: 1, step: 2, name: "latent"),
    ].map { stream -> UInt64 in
      var stream = stream
      return stream.next()
    }
    #expect(Set(words).count == 4)
    // Old runs must go on as they began: these words may never change.
    #expect(words[0] == 17_488_979_758_894_020_490)
  }

  @Test func uniformAndGumbelNumbersHaveTheirMoments() throws {
    var stream = RandomStream(seed: 1, name: "moments")
    let uniform = try stream.uniform([20_000])
    #expect(try uniform.min().item() >= 0 && uniform.max().item() < 1)
    #expect(try abs(uniform.mean().item() - 0.5) < 0.01)
    // The mean is Euler's constant, the variance pi squared over 6.
    let gumbel = try stream.gumbel([20_000])
    #expect(try abs(gumbel.mean().item() - 0.5772) < 0.03)
    #expect(try abs(gumbel.variance(along: 0).item() - Double.pi * Double.pi / 6) < 0.08)
  }

  @Test func failuresOfTheEngineAreThrown() throws {
    #expect {
      try Operator("aten::no_such_operator")(.none)
    } throws: {
      String(describing: $0).contains("no_such_operator")
    }
    #expect {
      try Tensor.zeros([1 << 46])
    } throws: {
      ($0 as? TorchError)?.isOutOfMemory == true
    }
    #expect(throws: TorchError.self) { try Engine.setThreads(0) }
    #expect(throws: TorchError.self) { try Tensor([1, 2, 3] as [Float], shape: [2, 2]) }
    #expect(throws: TorchError.self) { try Tensor([1, 2] as [Float]).array(of: Int.self) }
    #expect(throws: TorchError.self) { try Tensor([1, 2] as [Float]).item() }
    #expect {
      try Device(named: "cuda:99")
    } throws: {
      String(describing: $0).contains("present: cpu")
    }
  }
}
