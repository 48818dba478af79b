import Adversarial
import Torch

/// A generator of codes of shapes, of which a `ShapeCodec` makes clouds.
///
/// The points of a cloud are those of the mean shape, moved. Clouds of fewer points are random subsets, a new one for each
/// cloud, as in clouds sampled from surfaces; for more points than those of the mean shape, points are interpolated between
/// neighbours.
protocol CodeGenerator: PointGenerator {
  /// Decodes codes to clouds.
  var codec: ShapeCodec { get }
  /// What is learned where one of several shapes is chosen; nil in the game of codes.
  var choice: ShapeChoice? { get }

  /// Sets from the training shapes what they decide.
  func take(_ shapes: CodedShapes) throws
  /// The shapes that are offered for latents `[B, Z]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  func offer(latents: Tensor, labels: Tensor?, by choice: ShapeChoice) throws -> ShapeOffer
  /// Clouds of the mean shape's points `[B, P, 3]`, in its order.
  func shapes(latents: Tensor, labels: Tensor?) throws -> Tensor
}

extension CodeGenerator {
  /// Any number of points.
  public var fixedPointCount: Int? { nil }

  /// What the discriminator judges of latents `[B, Z]` and labels `[B]`: codes `[B, K]` or, where shapes are chosen, rows for a `FormCritic`.
  ///
  /// - Throws: `TorchError` when the latents have another dimension or labels are missing.
  public func generate(latents: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    guard let choice else { return try codes(latents: latents, labels: labels) }
    let (offer, chosen) = try chosen(latents: latents, labels: labels, by: choice)
    return try offer.samples.gathered(at: chosen)
  }

  /// Clouds `[B, N, 3]` of any number of points.
  public func clouds(latents: Tensor, labels: Tensor?, points: Int, using stream: inout RandomStream) throws
    -> Tensor
  {
    try clouds(of: shapes(latents: latents, labels: labels), points: points, using: &stream)
  }

  /// Codes `[B, K]` of latents `[B, Z]` and labels `[B]`.
  func codes(latents: Tensor, labels: Tensor?) throws -> Tensor {
    try codec.encode(shapes(latents: latents, labels: labels))
  }

  /// Clouds `[B, N, 3]` of codes `[B, K]`.
  func clouds(codes: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    try clouds(of: codec.decode(codes), points: points, using: &stream)
  }

  /// What is offered for latents, and which row of it is chosen for each, `[B]`.
  func chosen(latents: Tensor, labels: Tensor?, by choice: ShapeChoice) throws -> (
    offer: ShapeOffer, chosen: Tensor
  ) {
    let offer = try offer(latents: latents, labels: labels, by: choice)
    let scores = try choice.scores(of: offer.forms, labels: offer.labels)
    return (offer, try choice.chosen(by: scores, offer.chances))
  }

  private func clouds(of clouds: Tensor, points: Int, using stream: inout RandomStream) throws -> Tensor {
    let total = clouds.shape[1]
    guard points < total else { return try clouds.thickened(to: points, using: &stream) }
    let choices = try stream.uniform([clouds.shape[0], total]).top(points).indices.moved(to: clouds.device)
    return try clouds.gatheredElements(
      at: choices.expandingDimension(at: 2).expanded(to: [clouds.shape[0], points, 3]), along: 1)
  }
}
