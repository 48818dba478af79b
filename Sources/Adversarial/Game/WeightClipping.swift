import Failures
import Torch

private let raiseInPlace = Operator("aten::_foreach_clamp_min_", "Scalar")
private let lowerInPlace = Operator("aten::_foreach_clamp_max_", "Scalar")

/// Keeps each parameter of a critic in a range after its update, the first Wasserstein GAN's way to bound its slope
/// (Arjovsky et al., 2017). Penalties and spectral norm do better nearly everywhere; it is here for comparison.
///
/// Spelled as its bound: `0.01`.
public struct WeightClipping: TextForm {
  /// The largest absolute value that a parameter may have.
  public let bound: Double

  /// Makes a rule.
  ///
  /// - Precondition: the bound is positive.
  public init(bound: Double) {
    precondition(bound > 0, "a bound of \(bound)")
    self.bound = bound
  }

  /// Brings the parameters into the range, in place.
  public func apply(to parameters: [Parameter]) throws {
    guard !parameters.isEmpty else { return }
    try withoutGradients {
      let values = Operator.Argument.tensors(parameters.map(\.value))
      _ = try raiseInPlace.call([values, .double(-bound)], capacity: 0)
      _ = try lowerInPlace.call([values, .double(bound)], capacity: 0)
    }
  }

  /// Brings all parameters of a network into the range, in place.
  public func apply(to module: any Module) throws { try apply(to: module.parameters) }

  /// The bound.
  public var description: String { spelled(bound) }

  /// Reads the bound.
  public init(parsing text: String) throws {
    bound = try number(text, named: "the bound", in: text)
    guard bound > 0 else { throw UserError(.usage, "'\(text)': expected a bound above 0") }
  }
}
