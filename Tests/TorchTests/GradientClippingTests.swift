import Testing

@testable import Torch

@Suite struct GradientClippingTests {
  private func parameters(_ gradients: [[Double]?]) throws -> [Parameter] {
    try gradients.map { gradient in
      let made = try Parameter(Tensor.zeros([gradient?.count ?? 1], dtype: .float64))
      if let gradient { try made.value.setGrad(Tensor(gradient)) }
      return made
    }
  }

  private func gradients(_ parameters: [Parameter]) throws -> [[Double]] {
    try parameters.compactMap { try $0.grad?.array(of: Double.self) }
  }

  @Test func allGradientsShrinkByOneFactor() throws {
    let clipped = try parameters([[3, 0], nil, [4]])
    #expect(try GradientClipping.clip(clipped, toNorm: 2.5) == 5)
    #expect(try gradients(clipped) == [[1.5, 0], [2]])
    #expect(try GradientClipping.norm(of: clipped) == 2.5)
  }

  @Test func aNormBelowTheLimitChangesNothing() throws {
    let clipped = try parameters([[3, 0], [4]])
    #expect(try GradientClipping.clip(clipped, toNorm: 5) == 5)
    #expect(try gradients(clipped) == [[3, 0], [4]])
    #expect(try GradientClipping.clip(try parameters([nil]), toNorm: 1) == 0)
  }

  @Test(arguments: [Double.infinity, -.infinity, .nan])
  func whatIsNotFiniteIsReportedAndKept(value: Double) throws {
    let clipped = try parameters([[3, value], [4]])
    #expect(try !GradientClipping.clip(clipped, toNorm: 1).isFinite)
    let kept = try gradients(clipped)
    #expect(kept[0][0] == 3 && !kept[0][1].isFinite && kept[1] == [4])
  }

  @Test func elementsAreBroughtIntoTheRange() throws {
    let clipped = try parameters([[3, -0.5], nil, [-4, .nan]])
    try GradientClipping.clip(clipped, toValue: 1)
    let result = try gradients(clipped)
    #expect(result[0] == [1, -0.5] && result[1][0] == -1 && result[1][1].isNaN)
  }
}
