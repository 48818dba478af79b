import ArgumentParser
import Failures
import ModalityKit
import PlaneDatasets

/// The flags of `duel plane train`, beside those that all media share.
public struct PlaneTrainOptions: ModalityTrainOptions {
  @Option(
    help: """
      The built-in distribution, without --data: ring (eight Gaussians), grid (25), moons, spiral, gaussian, gamma, \
      poisson, normal-wishart or mixture. (default: ring)
      """)
  var target: PlaneTarget?

  @Option(
    help: ArgumentHelp(
      "The weights of the target mixture, in any unit. (default: 0.1,0.3,0.6)", valueName: "numbers"),
    transform: PlaneTrainOptions.weights)
  var weights: [Double]?

  @Option(help: ArgumentHelp("Points of a built-in set to train on. (default: 20000)", valueName: "count"))
  var points: Int?

  @Flag(inversion: .prefixedNo, help: "Condition the model on the labels of a built-in set.")
  var labelled: Bool?

  @Option(
    help: ArgumentHelp(
      "The columns of a table that are the coordinates, by name or number from 1. (default: 1,2)",
      valueName: "x,y"), transform: PlaneTrainOptions.columns)
  var columns: [String]?

  @Option(
    help: ArgumentHelp("Condition the model on this column of a table. (default: none)", valueName: "column"))
  var labelColumn: String?

  @Option(help: "What stands between the fields of a table. (default: found out)")
  var separator: FieldSeparator?

  @Flag(
    inversion: .prefixedNo, help: "Whether the first line of a table names the columns. (default: found out)")
  var header: Bool?

  @Flag(inversion: .prefixedNo, help: "Leave out rows with missing or non-finite numbers, and count them.")
  var skipBad: Bool?

  @Option(help: ArgumentHelp("Numbers in each hidden layer of both networks.", valueName: "count"))
  var width: Int?

  @Option(help: ArgumentHelp("Hidden layers of each network.", valueName: "count"))
  var depth: Int?

  @Option(
    help: ArgumentHelp(
      "Frequencies of sines and cosines of the coordinates that the discriminator sees. (default: 5)",
      valueName: "count"))
  var frequencies: Int?

  @Flag(inversion: .prefixedNo, help: "Divide the discriminator's weights by their largest singular value.")
  var spectralNorm: Bool?

  /// No flags given.
  public init() {}

  /// The settings that the flags make, in the order of the help.
  public var settings: [Setting] {
    [
      Setting("data.target", target, flag: "--target"),
      Setting("data.weights", weights, flag: "--weights"),
      Setting("data.count", points, flag: "--points"),
      Setting("data.isLabelled", labelled, flag: labelled == false ? "--no-labelled" : "--labelled"),
      Setting("data.columns", columns, flag: "--columns"),
      Setting("data.labelColumn", labelColumn, flag: "--label-column"),
      Setting("data.separator", separator, flag: "--separator"),
      Setting("data.hasHeader", header, flag: header == false ? "--no-header" : "--header"),
      Setting("data.skipBad", skipBad, flag: skipBad == false ? "--no-skip-bad" : "--skip-bad"),
      Setting("network.width", width, flag: "--width"),
      Setting("network.depth", depth, flag: "--depth"),
      Setting("network.frequencies", frequencies, flag: "--frequencies"),
      Setting(
        "network.spectralNorm", spectralNorm,
        flag: spectralNorm == false ? "--no-spectral-norm" : "--spectral-norm"),
    ].compactMap(\.self)
  }

  private static func weights(_ text: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let weight = Double($0) else {
        throw ValidationError("found '\($0)', expected numbers with commas between them")
      }
      return weight
    }
  }

  private static func columns(_ text: String) throws -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2 else {
      throw ValidationError(
        "found \(names.count) columns in '\(text)', expected two with a comma between them")
    }
    return names
  }
}

extension PlaneTarget: ExpressibleByArgument {}
extension FieldSeparator: ExpressibleByArgument {}

/// The flags of `duel plane generate`, beside those that all media share.
public struct PlaneGenerateOptions: ModalitySamplingOptions {
  @Option(help: ArgumentHelp("Significant digits of each number.", valueName: "count"))
  var digits = 6

  @Option(
    help: ArgumentHelp("Also draw the points over the density into this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var picture: String?

  /// Nothing to choose.
  public var sampling: PlainSampling { PlainSampling() }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    guard (1...17).contains(digits) else { throw ValidationError("--digits \(digits): expected 1 to 17") }
  }
}
