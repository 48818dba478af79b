import Adversarial
import Foundation
import TestSupport
import Testing
import Torch

/// The arc between latents, against closed forms.
@Suite struct LatentPathTests {
  private func point(_ start: [Float], _ end: [Float], _ share: Double) throws -> [Double] {
    try LatentPath.point(from: Tensor(start), to: Tensor(end), share: share).array(of: Float.self)
      .map(Double.init)
  }

  private func expect(_ found: [Double], near expected: [Double], within tolerance: Double = 1e-5) {
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(abs(found - expected) < tolerance, "\(found), expected \(expected)")
    }
  }

  @Test func endsAreTheLatentsThemselves() throws {
    var stream = RandomStream(seed: 1, name: "ends")
    let (start, end) = (try stream.normal([5, 16]), try stream.normal([5, 16]))
    #expect(try LatentPath.point(from: start, to: end, share: 0).distance(to: start) < 1e-5)
    #expect(try LatentPath.point(from: start, to: end, share: 1).distance(to: end) < 1e-5)
  }

  @Test(arguments: [0.0, 0.25, 0.5, 0.9, 1.0]) func orthogonalUnitVectorsLieOnACircle(share: Double) throws {
    let angle = share * Double.pi / 2
    expect(try point([1, 0, 0], [0, 1, 0], share), near: [cos(angle), sin(angle), 0])
  }

  @Test func lengthsAreInterpolated() throws {
    let half = try point([2, 0], [0, 4], 0.5)
    #expect(abs(hypot(half[0], half[1]) - 3) < 1e-5)
    #expect(abs(half[0] - half[1]) < 1e-5)
  }

  @Test func parallelVectorsAreOnTheStraightLine() throws {
    expect(try point([1, 2], [1, 2], 0.3), near: [1, 2])
    expect(try point([1, 2], [3, 6], 0.5), near: [2, 4])
  }

  /// No arc is the shorter one: the straight line leads through the middle.
  @Test func oppositeVectorsStayFinite() throws {
    expect(try point([1, 0], [-1, 0], 0.5), near: [0, 0])
    expect(try point([1, 0], [-1, 0], 0.25), near: [0.5, 0])
  }

  @Test func zerosStayFinite() throws {
    expect(try point([0, 0], [0, 0], 0.5), near: [0, 0])
    expect(try point([0, 0], [0, 2], 1), near: [0, 2])
  }

  /// Half-way between normal latents lies a latent that is as long as they are.
  @Test func rowsAreTakenOneByOne() throws {
    var stream = RandomStream(seed: 2, name: "rows")
    let (start, end) = (try stream.normal([4, 64]), try stream.normal([4, 64]))
    let all = try LatentPath.point(from: start, to: end, share: 0.5)
    for row in 0..<4 {
      let alone = try LatentPath.point(from: start.selected(row), to: end.selected(row), share: 0.5)
      #expect(try all.selected(row).distance(to: alone) < 1e-6)
      let mean = try (start.selected(row).norm().item() + end.selected(row).norm().item()) / 2
      #expect(try abs(all.selected(row).norm().item() - mean) < 1e-3)
    }
  }
}
