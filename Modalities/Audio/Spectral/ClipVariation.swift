import Foundation
import Torch

/// How much clips are varied at a strength of 1: standard deviations, but for the blend.
public struct ClipVariationRecipe: Codable, Equatable, Sendable {
  /// The largest share of a clip like it in a blend.
  public var blend = 1.0
  /// Of the logarithm of speed.
  public var speed = 0.05
  /// Of how far each cosine bends time, as a share of the clip.
  public var bend = 0.015
  /// Of the logarithm of all frequencies.
  public var frequency = 0.015
  /// Of each cosine that colours the spectrum, in decibels.
  public var colour = 0.4
  /// Of how much the level rises or falls over the clip, in decibels.
  public var slope = 0.5

  /// A recipe with the defaults, to be changed field by field.
  public init() {}
}

/// How a clip is varied: blended with a clip like it, spoken or struck faster or slower, higher or lower, with another
/// timbre and another envelope.
///
/// Each variation follows from a few numbers of a latent, so that a latent's neighbourhood holds a sound's variations.
struct ClipVariation: Sendable {
  /// Cosines that bend time and those that colour the spectrum.
  private static let bends = 2
  private static let colours = 3
  /// What is finer belongs to the exemplar's grain, which blends leave: means of two grains are smoother than either.
  private static let grain = (frames: 2.5, bands: 1.0)
  /// Numbers that it takes of a latent: blend, speed, bends of time, frequency, colours, slope of the envelope.
  static let numbers = 4 + bends + colours

  private let recipe: ClipVariationRecipe
  private let warp: CodeWarp
  private let frames: Int
  private let bands: Int
  private let channels: Int
  private let cosines: (time: Tensor, frequency: Tensor)
  private let smoothing: (time: Tensor, frequency: Tensor)

  /// Prepares to vary codes of a codec.
  init(_ recipe: ClipVariationRecipe, codec: ClipCodec) throws {
    self.recipe = recipe
    warp = try CodeWarp(codec)
    (frames, bands, channels) = (codec.frames, codec.bands, codec.channels)
    smoothing = (
      try CodeWarp.smoothing(over: Self.grain.frames, count: frames),
      try CodeWarp.smoothing(over: Self.grain.bands, count: bands)
    )
    cosines = (
      try CodeWarp.cosines(Self.bends, over: frames), try CodeWarp.cosines(Self.colours, over: bands)
    )
  }

  /// Codes `[B, F, N]` of exemplars, varied.
  ///
  /// - Parameters:
  ///   - exemplars: `[B, F, N]`.
  ///   - like: a clip like each.
  ///   - amounts: standard normal numbers, `[B, numbers]`.
  ///   - strength: how much they are varied, `[1]`; 0 leaves them as they are.
  func callAsFunction(
    _ exemplars: Tensor, like: NeighbourFits.Like, amounts: Tensor, strength: Tensor
  ) throws -> Tensor {
    let device = exemplars.device
    let amounts = try amounts * strength
    var start = 0
    func next(_ count: Int = 1) throws -> Tensor {
      defer { start += count }
      return try amounts.narrowed(along: 1, start: start, count: count)
    }
    // Uniform up to the largest share: the error function of a normal number, nearly.
    let share = try (next() * 1.702).sigmoid() * recipe.blend
    let weight = try share * strength.clamped(to: 1)
    let fitted = try warp.inFrequency(
      warp.inTime(like.codes, at: like.alignments), by: like.transpositions.exp())
    // Silence stays.
    let difference = try smoothed(fitted - exemplars) * CodeWarp.openness(of: exemplars)
    var codes = try (exemplars + difference * weight.expandingDimension(at: 2))
      .clamped(from: -1)

    let times = try (Tensor.arange(0, Double(frames)).converted(to: .float32)).moved(to: device)
    let speed = try (next() * recipe.speed).clamped(from: -0.3, to: 0.3).exp()
    let bent = try next(Self.bends).matmul(cosines.time.moved(to: device)) * (recipe.bend * Double(frames))
    // What sounds at the beginning goes on doing so.
    let edge = try (times * (8 / Double(frames))).clamped(to: 1)
    codes = try warp.inTime(codes, at: times * speed + bent * edge)
    // A blend is as high as its share of the neighbour says.
    let frequency =
      try (next() * recipe.frequency).clamped(from: -0.2, to: 0.2) - like.transpositions * weight
    codes = try warp.inFrequency(codes, by: frequency.exp())
    let colour = try next(Self.colours).matmul(cosines.frequency.moved(to: device)) * recipe.colour
    let slope = try next() * (times * (1 / Double(frames)) - 0.25) * recipe.slope
    return try warp.louder(
      codes,
      by: colour.reshaped([-1, 1, 1, bands]) + slope.reshaped([-1, frames, 1, 1]))
  }

  /// Differences of codes `[B, F, N]` without what is finer than the grain.
  private func smoothed(_ differences: Tensor) throws -> Tensor {
    let device = differences.device
    let coarse = try smoothing.time.moved(to: device).matmul(differences)
    return try coarse.reshaped([-1, frames * channels, bands])
      .matmul(smoothing.frequency.transposed().moved(to: device)).reshaped(differences.shape)
  }
}
