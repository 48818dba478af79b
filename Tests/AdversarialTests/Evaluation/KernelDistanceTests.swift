import Testing
import Torch

@testable import Adversarial

@Suite("Kernel distance")
struct KernelDistanceTests {
  private var stream = RandomStream(seed: 2, name: "test")

  private func kernel(_ x: [Float], _ y: [Float]) -> Double {
    let value = zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(x.count) + 1
    return value * value * value
  }

  /// The textbook's sums over pairs.
  private func direct(_ xs: [[Float]], _ ys: [[Float]]) -> Double {
    func within(_ set: [[Float]]) -> Double {
      var sum = 0.0
      for i in set.indices { for j in set.indices where i != j { sum += kernel(set[i], set[j]) } }
      return sum / Double(set.count * (set.count - 1))
    }
    var cross = 0.0
    for x in xs { for y in ys { cross += kernel(x, y) } }
    return within(xs) + within(ys) - 2 * cross / Double(xs.count * ys.count)
  }

  private func rows(_ tensor: Tensor) throws -> [[Float]] {
    try tensor.unbound().map { try $0.array(of: Float.self) }
  }

  @Test("The value and the jackknife error are those of the sums written out")
  mutating func sums() throws {
    let (x, y) = (try stream.normal([47, 3]) * 1.5, try stream.normal([33, 3]))
    let (xs, ys) = (try rows(x), try rows(y))
    let score = try KernelDistance(reference: y).measure(x)
    #expect(abs(score.value - direct(xs, ys)) < 1e-9)
    let error = try #require(
      Jackknife.standardError(count: 47) { places in direct(places.map { xs[$0] }, ys) })
    #expect(abs(try #require(score.standardError) - error) < 1e-9)
  }

  @Test("Draws of the reference's own distribution score 0 on average, whatever their number")
  mutating func unbiased() throws {
    var sum = 0.0
    for size in 0..<200 {
      let distance = try KernelDistance(reference: stream.normal([20, 2]))
      sum += try distance.measure(stream.normal([5 + size % 30, 2])).value
    }
    #expect(abs(sum / 200) < 0.15)
    let far = try KernelDistance(reference: stream.normal([100, 2])).measure(stream.normal([100, 2]) + 1)
    #expect(far.value > 1)
  }
}
