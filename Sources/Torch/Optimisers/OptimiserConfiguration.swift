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
