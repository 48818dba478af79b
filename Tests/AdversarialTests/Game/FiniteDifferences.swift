import Testing
import Torch

/// Expects derivatives of a single number, in double precision, to be what central differences say.
func checkGradients(at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor) throws {
  let leaves = try inputs.map { try $0.asLeaf() }
  let derivatives = try gradients(of: [function(leaves)], withRespectTo: leaves)
  for (index, input) in inputs.enumerated() {
    let elements = try input.array(of: Double.self)
    let byAutograd = try derivatives[index]?.array(of: Double.self) ?? elements.map { _ in 0 }
    for element in elements.indices {
      func value(movedBy distance: Double) throws -> Double {
        var moved = elements
        moved[element] += distance
        var changed = inputs
        changed[index] = try Tensor(moved, shape: input.shape)
        return try function(changed).item()
      }
      let byDifferences = try (value(movedBy: 1e-5) - value(movedBy: -1e-5)) / 2e-5
      #expect(abs(byAutograd[element] - byDifferences) < 1e-6, "input \(index), element \(element)")
    }
  }
}
