import Foundation
import Torch

/// How clips like an exemplar are brought to it before they are blended with it: each frame of the exemplar to the neighbour's frame
/// that is like it, and all frequencies of the neighbour by a factor, so that harmonics fall on harmonics.
///
/// Without the factor a blend of two voices has two pitches: blends of digits had .9 dB less of harmonics over noise than
/// exemplars, with it .7 dB.
struct NeighbourFits: Sendable {
  /// The largest factor's logarithm, and the step between those that are tried.
  private static let transpositions = (reach: 0.24, step: 0.02)
  /// Frames over which paths are smoothed: a step of a path is a jolt in the blend.
  private static let smoothing = 1.5
  /// Frames that are compared to find a factor, at most.
  private static let compared = 48

  /// The neighbours' frame that is like each frame of an exemplar, `[E, K, F]`.
  let alignments: Tensor
  /// The logarithm of what a neighbour's frequencies are multiplied by, `[E, K]`.
  let transpositions: Tensor

  /// A neighbour of each of some exemplars.
  struct Like {
    /// Its code, `[B, F, N]`.
    let codes: Tensor
    /// The frame that is like each of the exemplar's, `[B, F]`.
    let alignments: Tensor
    /// The logarithm of the factor, `[B, 1]`.
    let transpositions: Tensor
  }

  /// Takes fits that were made before.
  init(alignments: Tensor, transpositions: Tensor) {
    (self.alignments, self.transpositions) = (alignments, transpositions)
  }

  /// Fits the neighbours of each of the codes `[E, F, N]`, the same number for each.
  init(of codes: Tensor, neighbours: [[Int]], codec: ClipCodec) throws {
    let (total, frames, count) = (codes.shape[0], codes.shape[1], neighbours.first?.count ?? 0)
    let powers = try codes.squared().sum(along: 2)
    let times = try Tensor.arange(0, Double(frames)).converted(to: .float32)
    let smoothing = try CodeWarp.smoothing(over: Self.smoothing, count: frames).transposed()
    let trials = Int((Self.transpositions.reach / Self.transpositions.step).rounded())
    let factors = (-trials...trials).map { Float(Double($0) * Self.transpositions.step) }
    let warp = try CodeWarp(codec)
    // Matrices of all factors beside each other: one product tries them all.
    let matrices = try warp.frequencies(by: Tensor(factors, shape: [factors.count, 1]).exp()).transposed(0, 1)
      .reshaped([codec.bands, factors.count * codec.bands])
    let looked = try Tensor(EvenSpread.indices(Self.compared, outOf: frames))
    let planes = looked.shape[0] * codec.channels
    // Kept outside of tensors: small ones that stay between large ones that go would scatter the memory.
    var (positions, best): ([Float], [Float]) = ([], [])
    positions.reserveCapacity(total * count * frames)
    best.reserveCapacity(total * count)
    for (index, others) in neighbours.enumerated() {
      let chosen = try Tensor(others)
      let targets = try codes.gathered(at: chosen)
      let own = try codes.selected(index)
      let products = try own.matmul(targets.transposed())
      let squares =
        try powers.selected(index).reshaped([1, frames, 1])
        + powers.gathered(at: chosen).expandingDimension(at: 1) - products * 2
      let costs = try squares.contiguous().array(of: Float.self)
      let paths = others.indices.flatMap {
        TimeWarping.positions(costs: costs[$0 * frames * frames..<($0 + 1) * frames * frames], frames: frames)
      }
      let places = try (Tensor(paths, shape: [count, frames]) - times).matmul(smoothing) + times
      positions += try places.array(of: Float.self)
      let aligned = try warp.inTime(targets, at: places.gathered(at: looked, along: 1)) + 1
      let moved = try aligned.reshaped([count * planes, codec.bands]).matmul(matrices)
      let wanted = try own.gathered(at: looked).reshaped([1, planes, 1, codec.bands]) + 1
      let misses = try (moved.reshaped([count, planes, factors.count, codec.bands]) - wanted).squared()
        .mean(along: 1, 3)
      best += try (-misses).argmax(along: 1).array(of: Int64.self).map { factors[Int($0)] }
    }
    alignments = try Tensor(positions, shape: [total, count, frames])
    transpositions = try Tensor(best, shape: [total, count])
  }

  /// Fits of pairs, by rows `[B]` of all pairs, with the neighbours' codes.
  func gathered(at pairs: Tensor, codes: Tensor) throws -> Like {
    try Like(
      codes: codes, alignments: alignments.reshaped([-1, alignments.shape[2]]).gathered(at: pairs),
      transpositions: transpositions.reshaped([-1, 1]).gathered(at: pairs))
  }
}

/// Dynamic time warping (Sakoe and Chiba, 1978): which frame of one sound is like which of another.
enum TimeWarping {
  /// For each frame of the first the mean of the second's frames that the cheapest path goes through.
  ///
  /// - Parameters:
  ///   - costs: of each pair of frames, `[frames, frames]`, the first sound's in rows.
  ///   - frames: of both.
  static func positions(costs: ArraySlice<Float>, frames: Int) -> [Float] {
    // Sounds of a label hardly differ by more than a quarter.
    let reach = max(4, frames / 4)
    var sums = [Float](repeating: .infinity, count: frames * frames)
    costs.withUnsafeBufferPointer { costs in
      for row in 0..<frames {
        for column in max(0, row - reach)...min(frames - 1, row + reach) {
          var best: Float = row == 0 && column == 0 ? 0 : .infinity
          if row > 0 { best = min(best, sums[(row - 1) * frames + column]) }
          if column > 0 { best = min(best, sums[row * frames + column - 1]) }
          if row > 0, column > 0 { best = min(best, sums[(row - 1) * frames + column - 1]) }
          sums[row * frames + column] = best + costs[row * frames + column]
        }
      }
    }
    var (totals, counts) = ([Float](repeating: 0, count: frames), [Float](repeating: 0, count: frames))
    var (row, column) = (frames - 1, frames - 1)
    while true {
      totals[row] += Float(column)
      counts[row] += 1
      guard row > 0 || column > 0 else { break }
      let diagonal = row > 0 && column > 0 ? sums[(row - 1) * frames + column - 1] : .infinity
      let up = row > 0 ? sums[(row - 1) * frames + column] : .infinity
      let left = column > 0 ? sums[row * frames + column - 1] : .infinity
      if diagonal <= up, diagonal <= left {
        (row, column) = (row - 1, column - 1)
      } else if up <= left {
        row -= 1
      } else {
        column -= 1
      }
    }
    return zip(totals, counts).map { $0 / $1 }
  }
}
