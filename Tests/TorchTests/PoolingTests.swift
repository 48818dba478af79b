import TestSupport
import Testing
import Torch

@Suite struct PoolingTests {
  private func normal(_ shape: [Int]) throws -> Tensor {
    var stream = RandomStream(seed: 1, name: "pooling")
    return try stream.normal(shape)
  }

  @Test(
    arguments: [[1, 1, 1], [2, 5, 3], [3, 7, 16], [2, 100, 37], [5, 33, 64]],
    [DType.float32, .float64, .bfloat16])
  func highestPointsAreThoseOfTheEngine(shape: [Int], dtype: DType) throws {
    let x = try normal(shape).converted(to: dtype)
    let found = try x.highestPoints()
    #expect(found.dtype == .int64 && found.shape == [shape[0], shape[2]])
    let values = try x.gatheredElements(at: found.expandingDimension(at: 1), along: 1)
    #expect(try values.isEqual(to: x.max(along: 1, keepingDimensions: true)))
  }

  @Test func theFirstAmongEqualsIsTaken() throws {
    let x = try Tensor([1, 5, 2, 0, 5, 2, 0, 5, 2] as [Float], shape: [1, 3, 3])
    #expect(try x.highestPoints().array(of: Int.self) == [0, 0, 0])
    let low = try Tensor.full([1, 4, 2], value: -.infinity)
    #expect(try low.highestPoints().array(of: Int.self) == [0, 0])
  }

  @Test(arguments: [[3, 4], [2, 0, 3]]) func otherShapesAreRefused(shape: [Int]) throws {
    #expect(throws: TorchError.self) { try Tensor.zeros(shape).highestPoints() }
  }

  @Test func gradientsOfMaximaAgreeWithDifferences() throws {
    try checkGradients(at: [normal([2, 4, 3])]) { try $0[0].maximumOverPoints().squared() }
  }

  @Test func differentElementsAndTheirPlaces() throws {
    let (values, indices) = try Tensor([7, 3, 7, 9], shape: [2, 2]).unique()
    #expect(try values.array(of: Int.self) == [3, 7, 9])
    #expect(try indices.array(of: Int.self) == [1, 0, 1, 2])
    #expect(indices.shape == [2, 2])
  }
}
