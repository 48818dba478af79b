import Torch

/// Where derivatives by autograd and by finite differences part.
public struct GradientMismatch: Error, CustomStringConvertible {
  /// Which derivative of what, and the two numbers.
  public let description: String
}

/// Compares first and second derivatives by autograd with central finite differences, in double precision.
///
/// The function's outputs are weighted by fixed random numbers and summed, so that no element's fault hides behind
/// another's. For second derivatives, the gradient's product with a fixed random direction is differentiated.
/// - Parameters:
///   - inputs: where to differentiate; taken as double precision. Keep away from kinks.
///   - parameters: further variables that the function reads, such as a layer's, in double precision.
///   - tolerance: largest difference, relative to the larger of 1 and the number itself.
///   - function: what to differentiate.
/// - Throws: `GradientMismatch` at the first element that differs.
public func checkGradients(
  at inputs: [Tensor], parameters: [Parameter] = [], tolerance: Double = 1e-6,
  of function: ([Tensor]) throws -> Tensor
) throws {
  let inputs = try inputs.map { try Parameter($0.converted(to: .float64)) }
  let variables = inputs + parameters
  var stream = RandomStream(seed: 0, name: "gradient check")
  let directions = try variables.map { try stream.normal($0.value.shape).converted(to: .float64) }
  let shape = try function(inputs.map(\.value)).shape
  let weights = try stream.normal(shape).converted(to: .float64)

  func first() throws -> Tensor { try (function(inputs.map(\.value)) * weights).sum() }
  func firstDerivatives() throws -> [Tensor?] {
    try gradients(of: [first()], withRespectTo: variables.map(\.value), createGraph: true)
  }
  func second() throws -> Tensor {
    var sum = try Tensor.zeros([], dtype: .float64)
    for case (let derivative?, let direction) in zip(try firstDerivatives(), directions) {
      sum = try sum + (derivative * direction).sum()
    }
    return sum
  }

  try compare(try firstDerivatives(), order: "first", tolerance: tolerance, variables: variables) {
    try withoutGradients { try first().item() }
  }
  let curvature = try second()
  // A function that is linear in everything leaves nothing to differentiate.
  let secondDerivatives =
    curvature.requiresGrad
    ? try gradients(of: [curvature], withRespectTo: variables.map(\.value)) : variables.map { _ in nil }
  try compare(secondDerivatives, order: "second", tolerance: tolerance, variables: variables) {
    try second().item()
  }
}

/// The same for a module, whose parameters are turned to double precision and varied too.
public func checkGradients(
  of module: some Module, at inputs: [Tensor], tolerance: Double = 1e-6,
  function: ([Tensor]) throws -> Tensor
) throws {
  try module.convert(to: .float64)
  try checkGradients(at: inputs, parameters: module.parameters, tolerance: tolerance, of: function)
}

private func compare(
  _ derivatives: [Tensor?], order: String, tolerance: Double, variables: [Parameter],
  value: () throws -> Double
) throws {
  let step = 1e-5
  for (index, (variable, derivative)) in zip(variables, derivatives).enumerated() {
    let elements = try variable.value.array(of: Double.self)
    let shape = variable.value.shape
    let byAutograd = try derivative?.array(of: Double.self) ?? elements.map { _ in 0 }
    for element in elements.indices {
      func result(movedBy distance: Double) throws -> Double {
        var moved = elements
        moved[element] += distance
        try variable.set(Tensor(moved, shape: shape))
        return try value()
      }
      let byDifferences = try (result(movedBy: step) - result(movedBy: -step)) / (2 * step)
      guard abs(byAutograd[element] - byDifferences) <= tolerance * max(1, abs(byDifferences)) else {
        throw GradientMismatch(
          description: "\(order) derivative by variable \(index) \(shape), element \(element): "
            + "\(byAutograd[element]) by autograd, \(byDifferences) by differences")
      }
    }
    try variable.set(Tensor(elements, shape: shape))
  }
}
