/// The last step of a discriminator: an affine map from features to a logit, to which a label adds the inner product of its
/// vector with the features (Miyato and Koyama, "cGANs with projection discriminator", 2018):
///
///     logit = w · x + b + v_label · x
///
/// Logits are computed from features of at least single precision, also under autocast.
public final class ProjectionHead: Module {
  /// The affine map.
  public let output: Linear
  /// A vector for each label; nil without labels.
  public let label: Embedding?

  /// The affine map, and the labels' vectors where there are labels.
  public var members: Members { ["output": output, "label": label] }

  /// Initialises a head.
  ///
  /// - Parameters:
  ///   - features: extent of a sample's features.
  ///   - labels: how many there are; 0 without conditions.
  ///   - spectralNorm: whether the weights of both are divided by their largest singular value.
  ///   - initialisation: how the affine map starts.
  ///   - labelDeviation: standard deviation of the labels' vectors at first; `1 / sqrt(features)` where nil, so that label
  ///     and map count alike.
  ///   - stream: where the weights are drawn from, the map's first.
  public init(
    features: Int, labels: Int, spectralNorm: Bool = false, initialisation: Initialisation = .pytorchDefault,
    labelDeviation: Double? = nil, using stream: inout RandomStream
  ) throws {
    output = try Linear(
      inputs: features, outputs: 1, spectralNorm: spectralNorm, initialisation: initialisation, using: &stream
    )
    label =
      labels > 0
      ? try Embedding(
        symbols: labels, dimensions: features, spectralNorm: spectralNorm,
        initialisation: .normal(standardDeviation: labelDeviation ?? 1 / Double(features).squareRoot()),
        using: &stream) : nil
  }

  /// Logits `[B]` of features `[B, C]` and labels `[B]`.
  ///
  /// - Throws: `TorchError` when labels are missing or shapes do not fit.
  public func callAsFunction(_ features: Tensor, labels: Tensor?) throws -> Tensor {
    let features = try features.widened()
    let logits = try output(features).widened().squeezingDimension(at: 1)
    guard let label else { return logits }
    guard let labels else { throw TorchError("ProjectionHead: no labels, expected [B] of them") }
    return try logits + (features * label(labels)).sum(along: 1)
  }
}
