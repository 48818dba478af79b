private let fusedSGD = Operator("aten::_fused_sgd_")
private let scaleInPlace = Operator("aten::_foreach_mul_", "Scalar")

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
