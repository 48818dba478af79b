import Testing

@testable import Torch

@Suite struct LeakTests {
  /// In a process of its own: the count is of the whole process, and other tests run beside this one.
  @Test func trainingFreesAllItsTensors() async {
    await #expect(processExitsWith: .success) {
      let start = Engine.liveTensorCount
      try trainSmallGAN(steps: 5)
      let end = Engine.liveTensorCount
      guard end == start else { throw TorchError("\(end - start) tensors live on after training") }
    }
  }

  @Test func failedCallsFreeTheirArguments() async {
    await #expect(processExitsWith: .success) {
      let start = Engine.liveTensorCount
      for _ in 0..<10 { _ = try? Tensor.zeros([2, 3]).matmul(Tensor.zeros([4, 5])) }
      let end = Engine.liveTensorCount
      guard end == start else { throw TorchError("\(end - start) tensors live on after errors") }
    }
  }
}

/// A few steps of a Wasserstein game with a gradient penalty, plain gradient descent and layers of several kinds.
private func trainSmallGAN(steps: Int) throws {
  var stream = RandomStream(seed: 7, name: "networks")
  let generator = try GRU(inputs: 2, hidden: 3, using: &stream)
  let convolution = try Conv1d(
    inputs: 3, outputs: 4, kernel: 3, padding: .same, spectralNorm: true, using: &stream)
  let head = try Linear(inputs: 4, outputs: 1, using: &stream)
  func discriminator(_ x: Tensor) throws -> Tensor {
    try head(convolution(x.transposed(1, 2)).leakyReLU().mean(along: 2))
  }
  func descend(_ module: any Module) throws {
    for parameter in module.parameters {
      guard let grad = parameter.grad else { continue }
      try parameter.set(parameter.value.detached() - grad * 0.01)
    }
  }
  for step in 0..<steps {
    var stream = RandomStream(seed: 7, step: step, name: "draws")
    let real = try stream.normal([2, 5, 3])
    let fake = try generator(stream.normal([2, 5, 2])).outputs
    let mixed = try ((real + fake.detached()) * 0.5).asLeaf()
    let slope = try gradients(of: [discriminator(mixed)], withRespectTo: [mixed], createGraph: true)[0]
    guard let slope else { throw TorchError("no slope") }
    try convolution.updateSpectralNorms()
    let penalty = try (slope.squared().sum(along: 1, 2) + 1e-10).squareRoot().mean()
    try (discriminator(fake.detached()).mean() - discriminator(real).mean() + penalty).backward()
    try descend(convolution)
    try descend(head)
    try (-discriminator(fake).mean()).backward()
    try descend(generator)
    for module in [generator, convolution, head] as [any Module] { try module.clearGrads() }
  }
}
