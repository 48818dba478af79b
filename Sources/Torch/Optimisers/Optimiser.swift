private let zerosLikeOperator = Operator("aten::zeros_like")
private let copyOperator = Operator("aten::copy_")
private let normsOperator = Operator("aten::_foreach_norm", "Scalar")
private let scaleInPlace = Operator("aten::_foreach_mul_", "Scalar")
private let raiseInPlace = Operator("aten::_foreach_clamp_min_", "Scalar")
private let lowerInPlace = Operator("aten::_foreach_clamp_max_", "Scalar")

/// A rule that changes parameters along their gathered gradients.
///
/// An optimiser holds no schedule: the learning rate is given with each step, since it depends on the step of the
/// run alone. A parameter without a gradient is left out of a step: neither it nor its state changes, its count of
/// steps included.
///
/// An optimiser belongs to the tensors that its parameters hold when it is made: move a network to its device first.
public protocol Optimiser: AnyObject {
  /// The parameters and their names, in the order of the state.
  var parameters: [(name: String, parameter: Parameter)] { get }

  /// Changes every parameter that has a gradient, in place. The gradients stay.
  ///
  /// - Throws: `TorchError` when the engine refuses.
  func step(learningRate: Double) throws

  /// What a run that goes on needs, by name: per parameter its moments, such as `<parameter>.exp_avg` as in PyTorch, and
  /// `<parameter>.step`, an `int64` of rank 0. The moments share memory with the optimiser: copy what is to be kept.
  var state: [(name: String, tensor: Tensor)] { get throws }

  /// Takes a state, all of it or nothing.
  ///
  /// - Throws: `TorchError` that names each tensor missing, left over, of another shape or another type.
  func load(_ tensors: [String: Tensor]) throws
}

extension Optimiser {
  /// Clears the gradients of all parameters.
  public func clearGrads() throws {
    for (_, parameter) in parameters { try parameter.clearGrad() }
  }
}

/// The part that all optimisers share: per parameter a count of steps and some tensors of its shape ("slots").
struct OptimiserSlots {
  let parameters: [(name: String, parameter: Parameter)]
  private let slots: [String]
  /// One list of moments per slot, one tensor per parameter.
  private let moments: [[Tensor]]
  private var steps: [Int]

  /// Starts with moments of zero.
  ///
  /// - Parameter slots: PyTorch's names of the moments, such as `exp_avg`.
  init(_ parameters: [(name: String, parameter: Parameter)], slots: [String]) throws {
    self.parameters = parameters
    self.slots = slots
    steps = parameters.map { _ in 0 }
    moments = try slots.map { _ in
      try parameters.map { _, parameter in try zerosLikeOperator(.tensor(parameter.value.detached())) }
    }
  }

  /// What one step works on: entries of equal places belong to one parameter.
  struct Live {
    /// The parameters' values, to be written in place.
    var values: [Tensor?] = []
    /// Their gradients, in the layout of the values.
    var gradients: [Tensor?] = []
    /// One list per slot.
    var moments: [[Tensor?]]
    /// Steps taken, this one included.
    var steps: [Int] = []
  }

  /// Picks the parameters that have gradients and counts the step for them.
  mutating func takeStep() throws -> Live {
    var live = Live(moments: slots.map { _ in [] })
    for (index, (name, parameter)) in parameters.enumerated() {
      guard let gradient = parameter.grad else { continue }
      let value = parameter.value
      guard gradient.shape == value.shape, gradient.dtype == value.dtype else {
        throw TorchError("\(name): gradient \(gradient) does not fit \(value.dtype)\(value.shape)")
      }
      live.values.append(value)
      live.gradients.append(try OptimiserSlots.matched(gradient, to: value))
      for slot in slots.indices { live.moments[slot].append(moments[slot][index]) }
      steps[index] += 1
      live.steps.append(steps[index])
    }
    return live
  }

  /// The gradient laid out in memory as its value is: fused kernels walk both in one pass and ignore strides.
  private static func matched(_ gradient: Tensor, to value: Tensor) throws -> Tensor {
    if gradient.strides == value.strides { return gradient }
    return try withoutGradients {
      try copyOperator(.tensor(zerosLikeOperator(.tensor(value))), .tensor(gradient))
    }
  }

  /// Moments and counts by name, parameter by parameter.
  var state: [(name: String, tensor: Tensor)] {
    get throws {
      var entries: [(name: String, tensor: Tensor)] = []
      for (index, (name, _)) in parameters.enumerated() {
        for (slot, slotName) in slots.enumerated() {
          entries.append(("\(name).\(slotName)", moments[slot][index]))
        }
        entries.append(("\(name).step", try Tensor(steps[index])))
      }
      return entries
    }
  }

  /// Takes moments and counts after checking all of them.
  mutating func load(_ tensors: [String: Tensor]) throws {
    var faults: [String] = []
    let expected = try state
    for (name, current) in expected {
      guard let tensor = tensors[name] else {
        faults.append("\(name) is missing")
        continue
      }
      if tensor.shape != current.shape || tensor.dtype != current.dtype {
        faults.append(
          "\(name) is \(tensor.dtype)\(tensor.shape), expected \(current.dtype)\(current.shape)")
      } else if name.hasSuffix(".step"), current.dtype == .int64, try tensor.item() < 0 {
        faults.append("\(name) is \(Int(try tensor.item())), expected a count of steps")
      }
    }
    let known = Set(expected.map(\.name))
    faults += tensors.keys.filter { !known.contains($0) }.sorted().map {
      "\($0) is not part of the optimiser"
    }
    guard faults.isEmpty else { throw TorchError(faults.joined(separator: "; ")) }
    for (index, (name, _)) in parameters.enumerated() {
      for (slot, slotName) in slots.enumerated() {
        guard let tensor = tensors["\(name).\(slotName)"] else { continue }
        _ = try copyOperator(.tensor(moments[slot][index]), .tensor(tensor))
      }
      if let count = tensors["\(name).step"] { steps[index] = Int(try count.item()) }
    }
  }
}

/// Limits on gathered gradients. Parameters without a gradient do not count.
public enum GradientClipping {
  /// The Euclidean norm of all gradients taken together, 0 where there are none. Infinite or NaN when a gradient is:
  /// the caller decides what follows.
  public static func norm(of parameters: [Parameter]) throws -> Double {
    let gradients = parameters.compactMap(\.grad)
    guard let device = gradients.first?.device else { return 0 }
    // Each tensor's norm stays on its device; one number is brought over at the end.
    let norms = try normsOperator.call([.tensors(gradients)], capacity: gradients.count)
    let gathered = try norms.map { try $0.converted(to: .float64).moved(to: device) }
    return try Tensor.stacked(gathered).norm().item()
  }

  /// Shrinks all gradients by one factor so that their common norm is at most `limit`, and returns the norm before.
  ///
  /// A norm that is infinite or NaN is returned as it is and the gradients are left alone, so that what went wrong can
  /// be reported.
  public static func clip(_ parameters: [Parameter], toNorm limit: Double) throws -> Double {
    let norm = try norm(of: parameters)
    guard norm.isFinite, norm > limit else { return norm }
    _ = try scaleInPlace.call([.tensors(parameters.compactMap(\.grad)), .double(limit / norm)], capacity: 0)
    return norm
  }

  /// Brings each element of each gradient into `-limit ... limit`. NaN stays NaN.
  public static func clip(_ parameters: [Parameter], toValue limit: Double) throws {
    let gradients = parameters.compactMap(\.grad)
    guard !gradients.isEmpty else { return }
    _ = try raiseInPlace.call([.tensors(gradients), .double(-limit)], capacity: 0)
    _ = try lowerInPlace.call([.tensors(gradients), .double(limit)], capacity: 0)
  }
}

/// Which optimiser to make, with its hyperparameters: a part of a recipe.
///
/// In JSON a record of all of them; numbers left out take PyTorch's defaults.
public struct OptimiserConfiguration: Sendable, Hashable, Codable {
  /// An optimiser's name.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// `Adam`.
    case adam
    /// `SGD`.
    case sgd
    /// `RMSProp`.
    case rmsprop
  }

  /// The optimiser.
  public var kind: Kind
  /// Adam: share of the mean gradient that a step keeps.
  public var beta1: Double
  /// Adam: share of the mean squared gradient that a step keeps.
  public var beta2: Double
  /// Adam and RMSProp: added to the root.
  public var epsilon: Double
  /// SGD: share of the running sum that a step keeps.
  public var momentum: Double
  /// SGD: whether momentum looks one step ahead.
  public var nesterov: Bool
  /// RMSProp: share of the mean squared gradient that a step keeps.
  public var decay: Double
  /// All: share of a parameter taken off per step and unit of learning rate.
  public var weightDecay: Double

  /// Names an optimiser and its hyperparameters; those of other kinds have no effect.
  public init(
    _ kind: Kind = .adam, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentum: Double = 0, nesterov: Bool = false, decay: Double = 0.99, weightDecay: Double = 0
  ) {
    self.kind = kind
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.momentum = momentum
    self.nesterov = nesterov
    self.decay = decay
    self.weightDecay = weightDecay
  }

  /// Makes the optimiser over named parameters.
  public func make(_ parameters: [(name: String, parameter: Parameter)]) throws -> any Optimiser {
    switch kind {
    case .adam:
      try Adam(parameters, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    case .sgd: try SGD(parameters, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    case .rmsprop: try RMSProp(parameters, decay: decay, epsilon: epsilon, weightDecay: weightDecay)
    }
  }

  /// The first hyperparameter out of its range, as "beta1 is 1.5, expected 0 up to but not including 1"; nil when all
  /// are sound.
  public var fault: String? {
    let shares = [("beta1", beta1), ("beta2", beta2), ("momentum", momentum), ("decay", decay)]
    for (name, share) in shares where !(share >= 0 && share < 1) {
      return "\(name) is \(share), expected 0 up to but not including 1"
    }
    for (name, value) in [("epsilon", epsilon), ("weightDecay", weightDecay)]
    where !(value >= 0 && value.isFinite) {
      return "\(name) is \(value), expected 0 or more"
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case kind
    case beta1
    case beta2
    case epsilon
    case momentum
    case nesterov
    case decay
    case weightDecay
  }

  /// Reads the kind and what is given of the numbers.
  ///
  /// - Throws: `DecodingError` also when a number is out of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try container.decode(Kind.self, forKey: .kind))
    beta1 = try container.decodeIfPresent(Double.self, forKey: .beta1) ?? beta1
    beta2 = try container.decodeIfPresent(Double.self, forKey: .beta2) ?? beta2
    epsilon = try container.decodeIfPresent(Double.self, forKey: .epsilon) ?? epsilon
    momentum = try container.decodeIfPresent(Double.self, forKey: .momentum) ?? momentum
    nesterov = try container.decodeIfPresent(Bool.self, forKey: .nesterov) ?? nesterov
    decay = try container.decodeIfPresent(Double.self, forKey: .decay) ?? decay
    weightDecay = try container.decodeIfPresent(Double.self, forKey: .weightDecay) ?? weightDecay
    if let fault {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: fault))
    }
  }
}
