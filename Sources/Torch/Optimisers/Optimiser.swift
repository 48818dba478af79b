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
