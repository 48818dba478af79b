import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite struct EvaluationOperatorTests {
  @Test func symmetricMatricesDecompose() throws {
    // Eigenvalues 1 and 3 along the diagonals of the square; the upper triangle is not read.
    let (values, vectors) = try Tensor([2.0, 99, 1, 2], shape: [2, 2]).symmetricEigen()
    #expect(try values.distance(to: Tensor([1.0, 3])) < 1e-12)
    let half = 0.5.squareRoot()
    #expect(try vectors.absolute().distance(to: Tensor.full([2, 2], value: half, dtype: .float64)) < 1e-12)
  }

  @Test func choleskyRootsSolveAndRefuse() throws {
    let matrix = try Tensor([4.0, 2, 2, 5], shape: [2, 2])
    let root = try matrix.cholesky()
    #expect(try root.distance(to: Tensor([2.0, 0, 1, 2], shape: [2, 2])) < 1e-12)
    let solution = try root.solvingLowerTriangular(Tensor([2.0, 5], shape: [2, 1]))
    #expect(try solution.distance(to: Tensor([1.0, 2], shape: [2, 1])) < 1e-12)
    #expect(throws: TorchError.self) { try Tensor([1.0, 2, 2, 1], shape: [2, 2]).cholesky() }
  }

  @Test func systemsOfEquationsAreSolved() throws {
    let matrix = try Tensor([0.0, 2, 1, 1], shape: [2, 2])
    let solution = try matrix.solving(Tensor([2.0, 4, 3, 5], shape: [2, 2]))
    #expect(try solution.distance(to: Tensor([2.0, 3, 1, 2], shape: [2, 2])) < 1e-12)
    #expect(throws: TorchError.self) {
      try Tensor([1.0, 1, 1, 1], shape: [2, 2]).solving(Tensor([1.0, 2], shape: [2, 1]))
    }
  }

  @Test func smallestElementsComeInOrder() throws {
    let (values, indices) = try Tensor([5.0, 1, 4, 9, 9, 2], shape: [2, 3]).bottom(2)
    #expect(try values.array(of: Double.self) == [1, 4, 2, 9])
    #expect(try indices.array(of: Int.self).prefix(3) == [1, 2, 2])
  }

  @Test func framesOverlapAndDropTheRest() throws {
    let frames = try Tensor.arange(0, 7, dtype: .float32).framed(size: 4, step: 2)
    #expect(try frames.array(of: Float.self) == [0, 1, 2, 3, 2, 3, 4, 5])
    #expect(frames.shape == [2, 4])
  }

  @Test func magnitudesOfAToneStandAtItsFrequency() throws {
    let tone = (0..<16).map { cos(2 * Double.pi * 3 * Double($0) / 16) }
    let magnitudes = try Tensor(tone).fourierMagnitudes().array(of: Double.self)
    #expect(magnitudes.count == 9)
    for (bin, magnitude) in magnitudes.enumerated() {
      #expect(abs(magnitude - (bin == 3 ? 8 : 0)) < 1e-9)
    }
  }
}
