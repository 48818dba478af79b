private let fusedAdam = Operator("aten::_fused_adamw_")
private let scaleInPlace = Operator("aten::_foreach_mul_", "Scalar")
private let addProductsInPlace = Operator("aten::_foreach_addcmul_", "Scalar")
private let rootsOperator = Operator("aten::_foreach_sqrt")
private let addInPlace = Operator("aten::_foreach_add_", "Scalar")
private let addQuotientsInPlace = Operator("aten::_foreach_addcdiv_", "Scalar")
private let fusedSGD = Operator("aten::_fused_sgd_")

/// Adam (Kingma and Ba, 2015), in one pass over memory per parameter.
///
/// With gradient g at a parameter's step t:
///
/// ```
/// m = β₁ m + (1 - β₁) g
/// v = β₂ v + (1 - β₂) g²
/// p = p - rate · weightDecay · p - rate · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
/// ```
///
/// Weight decay is decoupled from the moments, as in AdamW (Loshchilov and Hutter, 2019). GANs usually take β₁ = 0
/// or 0.5: a moving average of the gradients lags behind an opponent that moves.
public final class Adam: Optimiser {
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private let weightDecay: Double
  private var slots: OptimiserSlots

  /// Makes the optimiser with moments of zero, `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`.
  ///
  /// - Parameters:
  ///   - parameters: what to change, under the names of the state.
  ///   - beta1: share of the mean gradient that a step keeps, in [0, 1).
  ///   - beta2: share of the mean squared gradient that a step keeps, in [0, 1).
  ///   - epsilon: added to the root, at least 0.
  ///   - weightDecay: share of a parameter taken off per step and unit of learning rate.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0
  ) throws {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    slots = try OptimiserSlots(parameters, slots: ["exp_avg", "exp_avg_sq"])
  }

  /// The parameters and their names.
  public var parameters: [(name: String, parameter: Parameter)] { slots.parameters }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) throws {
    let live = try slots.takeStep()
    guard let device = live.values.first??.device else { return }
    // The kernel reads each count from a tensor of its own; parameters of equal age share one.
    var counts: [Int: Tensor] = [:]
    let steps = try live.steps.map { step in
      if let known = counts[step] { return known }
      let made = try Tensor.full([], value: Double(step), device: device)
      counts[step] = made
      return made
    }
    try withoutGradients {
      _ = try fusedAdam.call(
        [
          .tensors(live.values), .tensors(live.gradients), .tensors(live.moments[0]),
          .tensors(live.moments[1]), .tensors([]), .tensors(steps), .double(learningRate), .double(beta1),
          .double(beta2), .double(weightDecay), .double(epsilon), .bool(false), .bool(false),
        ], capacity: 0)
    }
  }

  /// Moments and counts by name.
  public var state: [(name: String, tensor: Tensor)] { get throws { try slots.state } }

  /// Takes moments and counts.
  public func load(_ tensors: [String: Tensor]) throws { try slots.load(tensors) }
}

/// RMSProp (Tieleman and Hinton, 2012): each element's gradient divided by its recent size. The first Wasserstein
/// GANs were trained with it, since it keeps no momentum.
///
/// ```
/// v = decay · v + (1 - decay) g²
/// p = p - rate · weightDecay · p - rate · g / (√v + ε)
/// ```
public final class RMSProp: Optimiser {
  private let decay: Double
  private let epsilon: Double
  private let weightDecay: Double
  private var slots: OptimiserSlots

  /// Makes the optimiser with moments of zero, `<parameter>.square_avg`.
  ///
  /// - Parameters:
  ///   - parameters: what to change, under the names of the state.
  ///   - decay: share of the mean squared gradient that a step keeps, in [0, 1).
  ///   - epsilon: added to the root, at least 0.
  ///   - weightDecay: share of a parameter taken off per step and unit of learning rate.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], decay: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) throws {
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    slots = try OptimiserSlots(parameters, slots: ["square_avg"])
  }

  /// The parameters and their names.
  public var parameters: [(name: String, parameter: Parameter)] { slots.parameters }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) throws {
    let live = try slots.takeStep()
    guard !live.values.isEmpty else { return }
    let squares = live.moments[0]
    try withoutGradients {
      if weightDecay != 0 {
        _ = try scaleInPlace.call(
          [.tensors(live.values), .double(1 - learningRate * weightDecay)], capacity: 0)
      }
      _ = try scaleInPlace.call([.tensors(squares), .double(decay)], capacity: 0)
      _ = try addProductsInPlace.call(
        [.tensors(squares), .tensors(live.gradients), .tensors(live.gradients), .double(1 - decay)],
        capacity: 0)
      let roots = try rootsOperator.call([.tensors(squares)], capacity: squares.count)
      _ = try addInPlace.call([.tensors(roots), .double(epsilon)], capacity: 0)
      _ = try addQuotientsInPlace.call(
        [.tensors(live.values), .tensors(live.gradients), .tensors(roots), .double(-learningRate)],
        capacity: 0)
    }
  }

  /// Moments and counts by name.
  public var state: [(name: String, tensor: Tensor)] { get throws { try slots.state } }

  /// Takes moments and counts.
  public func load(_ tensors: [String: Tensor]) throws { try slots.load(tensors) }
}

/// Stochastic gradient descent, with momentum (Polyak, 1964) or Nesterov's form of it (Sutskever et al., 2013), in
/// one pass over memory per parameter.
///
/// ```
/// b = momentum · b + g
/// p = p - rate · weightDecay · p - rate · (nesterov ? g + momentum · b : b)
/// ```
public final class SGD: Optimiser {
  private let momentum: Double
  private let nesterov: Bool
  private let weightDecay: Double
  private var slots: OptimiserSlots

  /// Makes the optimiser; with momentum its buffers, `<parameter>.momentum_buffer`, start at zero.
  ///
  /// - Parameters:
  ///   - parameters: what to change, under the names of the state.
  ///   - momentum: share of the running sum that a step keeps, in [0, 1).
  ///   - nesterov: whether to look one step of momentum ahead.
  ///   - weightDecay: share of a parameter taken off per step and unit of learning rate.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) throws {
    self.momentum = momentum
    self.nesterov = nesterov && momentum > 0
    self.weightDecay = weightDecay
    slots = try OptimiserSlots(parameters, slots: momentum > 0 ? ["momentum_buffer"] : [])
  }

  /// The parameters and their names.
  public var parameters: [(name: String, parameter: Parameter)] { slots.parameters }

  /// Changes every parameter that has a gradient.
  public func step(learningRate: Double) throws {
    let live = try slots.takeStep()
    guard !live.values.isEmpty else { return }
    try withoutGradients {
      if weightDecay != 0 {
        _ = try scaleInPlace.call(
          [.tensors(live.values), .double(1 - learningRate * weightDecay)], capacity: 0)
      }
      // The engine's own decay would enter the momentum; a buffer of zeros needs no special first step.
      _ = try fusedSGD.call(
        [
          .tensors(live.values), .tensors(live.gradients), .tensors(live.moments.first ?? []), .double(0),
          .double(momentum), .double(learningRate), .double(0), .bool(nesterov), .bool(false), .bool(false),
        ], capacity: 0)
    }
  }

  /// Buffers and counts by name.
  public var state: [(name: String, tensor: Tensor)] { get throws { try slots.state } }

  /// Takes buffers and counts.
  public func load(_ tensors: [String: Tensor]) throws { try slots.load(tensors) }
}
