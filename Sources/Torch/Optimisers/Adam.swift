private let fusedAdam = Operator("aten::_fused_adamw_")

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
