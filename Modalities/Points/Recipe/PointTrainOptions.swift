import Adversarial
import ArgumentParser
import Failures
import ModalityKit
import PointDatasets

/// The flags of `duel points train`, beside those that all media share.
public struct PointTrainOptions: ModalityTrainOptions {
  @Option(help: ArgumentHelp("Points of a cloud in training. (default: the preset's)", valueName: "count"))
  var points: Int?

  @Option(
    name: .customLong("normalize"),
    help: """
      How shapes are moved and scaled: each into its own box or sphere, all by one mean and deviation (global), or none. \
      (default: box)
      """)
  var normalisation: PointNormalisation?

  @Option(
    help: ArgumentHelp(
      "Points that are drawn from a mesh or a voxel grid when it is read. (default: 2048)", valueName: "count"
    ))
  var meshPoints: Int?

  @Option(
    help: """
      How NumPy arrays lie: last for points [.., N, 3], first for [.., 3, N], grid for voxels [.., X, Y, Z]. (default: \
      found by the shape, and printed)
      """)
  var axes: ArrayAxes?

  @Option(
    help: ArgumentHelp(
      """
      The array of NPZ files that have several; '--labels array' takes labels from the one beside it, y beside X. (default: \
      one called points, xyz or the like)
      """, valueName: "name"))
  var array: String?

  @OptionGroup var corpus: CorpusFlags

  @Option(
    help: """
      The networks: latent, which begins with the shapes themselves and learns how they vary; mixture, which holds none of \
      them, only a density; sphere, whose shapes can be edited; and two baselines with their own training, mlp, which is r-GAN, and tree, which is tree-GAN. \
      (default: latent)
      """)
  var network: PointNetwork?

  @Option(
    help: ArgumentHelp(
      "Numbers that latent networks describe a shape by, at most. (default: 3072)", valueName: "count"))
  var codeNumbers: Int?

  @Option(
    help: ArgumentHelp(
      "Numbers that mixture networks describe a shape by, at most. (default: 32)", valueName: "count"))
  var mixtureNumbers: Int?

  @Option(
    help: """
      How latent networks deform shapes: proportions gives a shape those of another one, and what is straight, flat or \
      symmetric stays so; bending varies it smoothly as it differs from those most like it. (default: proportions)
      """)
  var deformationLaw: DeformationLaw?

  @Option(
    help: ArgumentHelp(
      """
      How much latent networks deform shapes at first, the same for all labels: 1 is as much as the law says. (default: as much \
      as --reach wants)
      """, valueName: "amount"))
  var deformation: Double?

  @Option(
    help: ArgumentHelp(
      """
      How far deformed shapes lie from the nearest training shape at first: 1 is as far as training shapes lie from each other. \
      The amount of deformation is found for it, label by label. (default: 1.3)
      """, valueName: "ratio"))
  var reach: Double?

  @Option(
    help: ArgumentHelp(
      "How much the amounts of the deformations that are offered differ, from 0 to 1. (default: 0.5)",
      valueName: "share"))
  var deformationSpread: Double?

  @Option(
    help: ArgumentHelp(
      """
      Deformations that are offered for each shape that latent networks make, of which these learn to choose one. 1: none is \
      chosen, and codes of shapes are learned instead. (default: 8)
      """, valueName: "count"))
  var candidates: Int?

  @Option(
    help: ArgumentHelp(
      "With '--candidates 1', how much of that the real shapes are deformed that networks see, from 0 to 1. (default: 0.95)",
      valueName: "share"))
  var realDeformation: Double?

  @Option(
    help: ArgumentHelp(
      "Channels behind the layers that a critic's points share, as 64,128,256.", valueName: "widths"))
  var criticWidths: Widths?

  @Option(help: "How a critic's points become a cloud.")
  var criticPooling: PointPooling?

  @Option(
    help: ArgumentHelp(
      "Channels behind the layers of mlp generators, as 64,128,512,1024.", valueName: "widths"))
  var mlpWidths: Widths?

  @Option(
    help: ArgumentHelp(
      "Channels behind the convolutions of sphere generators, as 64,128.", valueName: "widths"))
  var sphereWidths: Widths?

  @Option(
    help: ArgumentHelp("Neighbours that a point of a sphere looks at. (default: 10)", valueName: "count"))
  var neighbours: Int?

  @Option(
    help: ArgumentHelp(
      "Rank of the matrices that make children in tree generators. (default: full)", valueName: "rank"))
  var branchRank: Int?

  /// No flags given.
  public init() {}

  /// Refuses two ways to say how much shapes are deformed.
  public func validate() throws {
    if deformation != nil, reach != nil {
      throw ValidationError("--deformation, --reach: expected one of them: --reach finds how much to deform")
    }
  }

  /// The settings that the flags make, in the order of the help; what a network implies comes first, so that other
  /// flags change it.
  public var settings: [Setting] {
    (network.map { PointRecipe.settings(for: $0) } ?? [])
      + (candidates == 1 ? .training(LatentNetworks.codes, flag: "--candidates") : [])
      + [
        Setting("data.points", points, flag: "--points"),
        Setting("data.normalisation", normalisation, flag: "--normalize"),
        Setting("data.meshPoints", meshPoints, flag: "--mesh-points"),
        Setting("data.axes", axes, flag: "--axes"),
        Setting("data.array", array, flag: "--array"),
      ].compactMap(\.self) + corpus.settings.compactMap(\.self)
      + [
        Setting("latent.numbers", codeNumbers, flag: "--code-numbers"),
        Setting("mixture.numbers", mixtureNumbers, flag: "--mixture-numbers"),
        Setting("latent.law", deformationLaw, flag: "--deformation-law"),
        Setting("latent.deformation", deformation, flag: "--deformation"),
        Setting(
          "latent.reach", reach ?? deformation.map { _ in 0 },
          flag: reach == nil ? "--deformation" : "--reach"),
        Setting("latent.spread", deformationSpread, flag: "--deformation-spread"),
        Setting("latent.candidates", candidates, flag: "--candidates"),
        Setting("latent.realShare", realDeformation, flag: "--real-deformation"),
        Setting("critic.widths", criticWidths?.list, flag: "--critic-widths"),
        Setting("critic.pooling", criticPooling, flag: "--critic-pooling"),
        Setting("mlp.widths", mlpWidths?.list, flag: "--mlp-widths"),
        Setting("sphere.widths", sphereWidths?.list, flag: "--sphere-widths"),
        Setting("sphere.neighbours", neighbours, flag: "--neighbours"),
        Setting("tree.branchRank", branchRank, flag: "--branch-rank"),
      ].compactMap(\.self)
  }
}

extension PointRecipe {
  /// What a network of the flag `--network` changes in a preset.
  static func settings(for network: PointNetwork) -> [Setting] {
    let flag = "--network"
    return [Setting("network", network, flag: flag)].compactMap(\.self)
      + network.networks.settings(flag: flag)
  }
}

/// Numbers of channels with commas between them.
struct Widths: ExpressibleByArgument {
  let list: [Int]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let list = numbers.compactMap(\.self)
    guard list.count == numbers.count else { return nil }
    self.list = list
  }
}

extension PointNetwork: ExpressibleByArgument {}
extension DeformationLaw: ExpressibleByArgument {}
extension ArrayAxes: ExpressibleByArgument {}
extension PointNormalisation: ExpressibleByArgument {}
extension PointPooling: ExpressibleByArgument {}
