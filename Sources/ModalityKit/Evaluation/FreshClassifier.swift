import Adversarial
import Metrics
import Torch

/// A two-sample test by networks that know nothing: trained on half of held-out real samples and as many others by logistic
/// loss, tested on the other halves, several times from new weights.
///
/// They share neither weights nor random numbers with anything that a run has trained, and have one size whatever the run's
/// recipe: numbers of different runs compare. Bounded in steps and not in seconds, so the same seed gives the same number.
public struct FreshClassifier: Sendable {
  /// How often samples are dealt to halves and a network is trained.
  public var trainings = 3
  /// Updates of a training, at most.
  public var steps: Int
  /// Passes over the learning half, at most: a handful of samples is soon learned by heart.
  public var passes = 40
  /// Real samples in a batch, and as many others.
  public var batchSize = 32
  /// Adam's, with a weight decay of a hundredth.
  public var learningRate = 1e-3

  /// The share of the learning half that decides when to stop.
  private static let stoppingShare = 5
  /// Looks at that part in a training, at most, and those without an improvement that end it.
  private static let (looks, patience) = (12, 4)
  /// Samples that are looked at, or tested, at a time.
  private static let chunk = 256

  /// A test with a bound on its cost.
  ///
  /// - Parameter steps: updates of each of the three trainings, at most.
  public init(steps: Int) { self.steps = steps }

  /// Tests two sets of equally many samples.
  ///
  /// - Parameters:
  ///   - real: `[N, ...]` on the CPU.
  ///   - generated: `[N, ...]`.
  ///   - seed: of halves, weights and batches; the same halves for all sets of one size.
  ///   - name: of the network: networks of different names share no numbers.
  ///   - device: where networks are trained.
  ///   - prepare: makes of some samples what the network takes.
  ///   - make: initialises a network without conditions.
  public func callAsFunction(
    real: Tensor, generated: Tensor, seed: UInt64, name: String, device: Device,
    prepare: @escaping (Tensor) throws -> Tensor = { $0 },
    make: (inout RandomStream) throws -> any Discriminator
  ) throws -> TwoSampleAccuracy {
    precondition(real.shape == generated.shape && real.shape[0] > 1, "as many samples of both kinds")
    let samples = Samples(real: real, generated: generated, device: device, prepare: prepare)
    let tests = try (0..<trainings).map { training in
      let scope = "two-sample network \(name)"
      var stream = RandomStream(seed: seed, step: training, name: "\(scope) halves")
      let halves = TwoSampleHalves(real.shape[0], using: &stream)
      var weights = RandomStream(seed: seed, step: training, name: "\(scope) weights")
      let network = try make(&weights)
      try network.move(to: device)
      try train(network, on: samples, halves) { step in
        StepContext(
          seed: seed, step: step, scope: "\(scope) training \(training)", isTraining: true)
      }
      return try withoutGradients {
        func told(_ set: Tensor, at indices: [Int], areReal: Bool) throws -> [Int: Bool] {
          let logits = try samples.logits(of: set, at: indices, by: network)
          return Dictionary(uniqueKeysWithValues: zip(indices, logits.map { ($0 > 0) == areReal }))
        }
        var test = TwoSampleAccuracy.Test()
        test.real = try told(real, at: halves.real.testing, areReal: true)
        test.generated = try told(generated, at: halves.generated.testing, areReal: false)
        return test
      }
    }
    return TwoSampleAccuracy(tests, real: real.shape[0], generated: generated.shape[0])
  }

  /// Both sets, and how networks see them.
  private struct Samples {
    let real: Tensor
    let generated: Tensor
    let device: Device
    let prepare: (Tensor) throws -> Tensor

    func inputs(_ set: Tensor, at indices: [Int]) throws -> Tensor {
      try prepare(set.gathered(at: Tensor(indices)).moved(to: device))
    }

    func logits(_ inputs: Tensor, by network: any Discriminator, context: StepContext) throws -> Tensor {
      let logits = try network.discriminate(inputs, labels: nil, context: context).widened()
      // Of networks with a logit for each position the mean decides.
      return try logits.rank > 1 ? logits.reshaped([logits.shape[0], -1]).mean(along: 1) : logits
    }

    func logits(of set: Tensor, at indices: [Int], by network: any Discriminator) throws -> [Double] {
      let context = StepContext(seed: 0, scope: "two-sample test")
      return try stride(from: 0, to: indices.count, by: FreshClassifier.chunk).flatMap { start in
        let part = Array(indices[start..<min(indices.count, start + FreshClassifier.chunk)])
        return try logits(inputs(set, at: part), by: network, context: context)
          .converted(to: .float64).array(of: Double.self)
      }
    }

    /// The mean logistic loss of some samples of both kinds.
    func loss(real: [Int], generated: [Int], by network: any Discriminator) throws -> Double {
      let (reals, others) = (
        try logits(of: self.real, at: real, by: network),
        try logits(of: self.generated, at: generated, by: network)
      )
      return try AdversarialLoss.nonSaturating.discriminatorLoss(real: Tensor(reals), fake: Tensor(others))
        .item()
    }
  }

  private func train(
    _ network: any Discriminator, on samples: Samples, _ halves: TwoSampleHalves,
    context: (Int) -> StepContext
  ) throws {
    func parts(_ indices: [Int]) -> (stopping: [Int], training: [Int]) {
      let count = min(indices.count / Self.stoppingShare, Self.chunk)
      return (Array(indices[..<count]), Array(indices[count...]))
    }
    let (real, generated) = (parts(halves.real.learning), parts(halves.generated.learning))
    let size = min(batchSize, real.training.count)
    guard size > 0, !real.stopping.isEmpty else { return }
    let limit = min(steps, max(1, passes * real.training.count / size))
    let interval = max(1, limit / Self.looks)
    let optimiser = try Adam(network.namedParameters, weightDecay: 1e-2)
    func look() throws -> Double {
      try withoutGradients {
        try samples.loss(real: real.stopping, generated: generated.stopping, by: network)
      }
    }
    var best = (loss: try look(), weights: try network.parameters.map { try $0.value.detached().cloned() })
    var looksSince = 0
    for step in 0..<limit {
      let context = context(step)
      var stream = context.stream("samples")
      let reals = stream.indices(size, outOf: real.training.count).map { real.training[$0] }
      let others = stream.indices(size, outOf: generated.training.count).map { generated.training[$0] }
      // In one pass, as all of a network's work is done sample by sample.
      let inputs = try Tensor.concatenated([
        samples.inputs(samples.real, at: reals), samples.inputs(samples.generated, at: others),
      ])
      let logits = try samples.logits(inputs, by: network, context: context)
      let loss = try AdversarialLoss.nonSaturating.discriminatorLoss(
        real: logits.narrowed(along: 0, start: 0, count: size),
        fake: logits.narrowed(along: 0, start: size, count: size))
      try optimiser.clearGrads()
      try loss.backward()
      try optimiser.step(learningRate: learningRate)
      guard (step + 1) % interval == 0 || step + 1 == limit else { continue }
      let found = try look()
      looksSince += 1
      if found < best.loss {
        best = (found, try network.parameters.map { try $0.value.detached().cloned() })
        looksSince = 0
      } else if looksSince >= Self.patience {
        break
      }
    }
    for (parameter, weight) in zip(network.parameters, best.weights) { try parameter.set(weight) }
    try network.clearGrads()
  }
}
