import Failures
import Files
import Foundation
import ModalityKit
import Torch

/// Points in the plane, split into a part to train on, one to choose by and one that is held out.
public struct MixtureData: ModalityDataset, Sendable {
  /// A point.
  public typealias Point = SIMD2<Float>

  /// Points to train on.
  public let training: [Point]
  /// Points to choose by while training.
  public let validation: [Point]
  /// Points to measure with.
  public let heldOut: [Point]
  /// Where they come from, for people.
  let origin: String

  /// Centres of the built-in set: 8 on a circle of radius 2.
  static let centres = (0..<8).map { index in
    let angle = Float(index) * .pi / 4
    return Point(2 * cos(angle), 2 * sin(angle))
  }
  /// Standard deviation of the built-in set around each centre.
  static let spread: Float = 0.1

  /// Opens a file with two numbers a line, or makes the built-in set. Every fifth point is held out, and every fifth of the
  /// others is to choose by.
  ///
  /// - Throws: `UserError` that names the file and line.
  init(_ source: DataSource) throws {
    let points = try source.path.map { try Self.read($0) } ?? Self.builtIn()
    origin = source.path ?? "built-in, 8 Gaussians on a circle"
    var rest = points
    heldOut = try source.holdout.map { try Self.read($0) } ?? Self.fifth(of: &rest)
    validation = try source.validation.map { try Self.read($0) } ?? Self.fifth(of: &rest)
    training = rest
  }

  /// Takes every fifth point away.
  private static func fifth(of points: inout [Point]) -> [Point] {
    let taken = points.enumerated().filter { $0.offset.isMultiple(of: 5) }.map(\.element)
    points = points.enumerated().filter { !$0.offset.isMultiple(of: 5) }.map(\.element)
    return taken
  }

  private static func builtIn() throws -> [Point] {
    var stream = RandomStream(seed: 0, name: "mixture")
    let noise = try stream.normal([2000, 2]).array(of: Float.self)
    return (0..<2000).map { index in
      centres[index % 8] + spread * Point(noise[2 * index], noise[2 * index + 1])
    }
  }

  private static func read(_ path: String) throws -> [Point] {
    let lines = try InputFile.text(of: URL(fileURLWithPath: path)).split(separator: "\n")
    let points = try lines.enumerated().map { index, line in
      let numbers = line.split(separator: " ").compactMap { Float($0) }
      guard numbers.count == 2, numbers.allSatisfy(\.isFinite) else {
        throw UserError(.badData, "\(path), line \(index + 1): found '\(line)', expected two numbers")
      }
      return Point(numbers[0], numbers[1])
    }
    guard points.count >= 10 else {
      throw UserError(.badData, "\(path): found \(points.count) points, expected at least 10")
    }
    return points
  }

  /// The digest of all points.
  public var fingerprint: String {
    var digest = SHA256()
    for part in [training, validation, heldOut] { part.withUnsafeBytes { digest.update($0) } }
    return digest.hexDigest()
  }

  /// How many points there are.
  public var descriptionLines: [String] {
    [
      "\(training.count) points to train on, \(validation.count) for validation, \(heldOut.count) held out (every "
        + "fifth): \(origin)"
    ]
  }
  /// Points to choose by.
  public var validationCount: Int { validation.count }
  /// None.
  public var trainingLabels: [Int?] { training.map { _ in nil } }

  /// Root of the mean square of all coordinates of the training part.
  var scale: Double {
    let sum = training.reduce(0.0) { $0 + Double($1.x * $1.x + $1.y * $1.y) }
    return max((sum / Double(2 * training.count)).squareRoot(), 1e-6)
  }
}

extension Tensor {
  /// Points as `[N, 2]`, divided by a scale.
  init(points: [MixtureData.Point], scale: Double) throws {
    let numbers = points.flatMap { [Float(Double($0.x) / scale), Float(Double($0.y) / scale)] }
    try self.init(numbers, shape: [points.count, 2])
  }
}
