private let scaleInPlace = Operator("aten::_foreach_mul_", "Scalar")
private let addProductsInPlace = Operator("aten::_foreach_addcmul_", "Scalar")
private let rootsOperator = Operator("aten::_foreach_sqrt")
private let addInPlace = Operator("aten::_foreach_add_", "Scalar")
private let addQuotientsInPlace = Operator("aten::_foreach_addcdiv_", "Scalar")

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
