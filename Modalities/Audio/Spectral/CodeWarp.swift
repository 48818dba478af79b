import Foundation
import Torch

private let weightsOperator = Operator("duel::cubic_weights")

/// Codes stretched in time and in frequency by interpolation, and made louder or softer by frequency and time.
///
/// A code is interpolated by matrices that have four numbers a row, so that it is differentiable in the code as often as one
/// likes. What lies beyond a code's edges is silence.
struct CodeWarp: Sendable {
  /// Nats that one unit of a code stands for, in decibels.
  static let decibels = 80 / Foundation.log(10.0)
  /// How far above silence a frame's band is as loud as one likes to make it, in units of a code.
  private static let gate = 0.2

  private let codec: ClipCodec
  /// Middles of the bands in hertz, `[bands]`.
  private let hertz: Tensor

  /// Prepares to warp codes of a codec.
  init(_ codec: ClipCodec) throws {
    self.codec = codec
    hertz = try Tensor((0..<codec.bands).map { Float(codec.scale.hertz(at: Double($0))) })
  }

  /// Codes `[B, F, N]` whose frame t is what was at position `positions[., t]`, `[B, F]`.
  func inTime(_ codes: Tensor, at positions: Tensor) throws -> Tensor {
    let matrix = try Self.interpolation(at: positions, count: codes.shape[1])
    return try matrix.matmul(codes + 1) - 1
  }

  /// Codes `[B, F, N]` all of whose frequencies are multiplied by `factors`, `[B, 1]`.
  func inFrequency(_ codes: Tensor, by factors: Tensor) throws -> Tensor {
    let (batch, frames) = (codes.shape[0], codes.shape[1])
    let planes = try (codes + 1).reshaped([batch, frames * codec.channels, codec.bands])
    return try planes.matmul(frequencies(by: factors)).reshaped([batch, frames, codec.numbers]) - 1
  }

  /// Matrices `[B, bands, bands]` that multiply frequencies by `factors`, `[B, 1]`, of rows that are 0 in silence.
  func frequencies(by factors: Tensor) throws -> Tensor {
    let positions = try codec.scale.places(of: hertz.moved(to: factors.device) / factors)
    return try Self.interpolation(at: positions, count: codec.bands, transposed: true)
  }

  /// Codes `[B, F, N]` made louder by decibels that broadcast over `[B, F, channels, bands]`; silence stays.
  func louder(_ codes: Tensor, by decibels: Tensor) throws -> Tensor {
    let (batch, frames) = (codes.shape[0], codes.shape[1])
    let shape = [batch, frames, codec.channels, codec.bands]
    let gain = try decibels * (1 / Self.decibels)
    let louder = try codes.reshaped(shape) + Self.openness(of: codes).reshaped(shape) * gain
    return try louder.reshaped(codes.shape).clamped(from: -1)
  }

  /// How much of a change codes take: nothing in silence, all of it from a little above.
  static func openness(of codes: Tensor) throws -> Tensor {
    try ((codes + 1) * (1 / gate)).clamped(from: 0, to: 1)
  }

  /// Cosines over so many places that have 1, 2, ... half periods, `[count, places]`.
  static func cosines(_ count: Int, over places: Int) throws -> Tensor {
    try Tensor(
      (1...count).flatMap { number in
        (0..<places).map { Float(cos(Double.pi * Double(number) * (Double($0) + 0.5) / Double(places))) }
      }, shape: [count, places])
  }

  /// Weights `[count, count]` by which values are means of those beside them, a normal curve of so many places in width.
  static func smoothing(over width: Double, count: Int) throws -> Tensor {
    let rows = (0..<count).flatMap { row in
      let weights = (0..<count).map { exp(-0.5 * pow(Double($0 - row) / width, 2)) }
      let sum = weights.reduce(0, +)
      return weights.map { Float($0 / sum) }
    }
    return try Tensor(rows, shape: [count, count])
  }

  /// Weights `[B, n, count]` that interpolate at positions `[B, n]` among values at 0, 1, ... `count - 1`, or their transposes:
  /// cubic, by Catmull and Rom (1974). Linear interpolation would smooth what lies between values, by which warped sounds are
  /// told. Positions are not differentiated.
  static func interpolation(
    at positions: Tensor, count: Int, transposed: Bool = false, byEngine: Bool? = nil
  ) throws -> Tensor {
    try withoutGradients {
      guard byEngine ?? (positions.device != .cpu) else {
        return try weightsOperator(.tensor(positions), .int(count), .bool(transposed))
      }
      let places = try Tensor.arange(0, Double(count)).converted(to: .float32).moved(to: positions.device)
      let distances = try (positions.expandingDimension(at: 2) - places).absolute().clamped(to: 2)
      let near = try (distances * 1.5 - 2.5) * distances.squared() + 1
      let far = try ((distances * -0.5 + 2.5) * distances - 4) * distances + 2
      let weights = try distances.less(than: 1).select(near, else: far)
      return transposed ? try weights.transposed() : weights
    }
  }
}
