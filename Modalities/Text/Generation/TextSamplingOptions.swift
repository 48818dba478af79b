import Failures

/// How samples are drawn from a trained generator. The defaults draw from the distribution that it was trained for.
public struct TextSamplingOptions: Sendable, Equatable {
  /// What logits are divided by: below 1 the likely becomes likelier; 0 always takes the likeliest symbol.
  public var temperature: Double
  /// Only so many of the likeliest symbols can be drawn at each place; nil for all.
  public var topK: Int?
  /// Only the likeliest symbols whose probabilities sum to this share can be drawn at each place, at least one; nil for
  /// all (Holtzman et al., 2020).
  public var topP: Double?
  /// What every sample begins with.
  public var prefix: String
  /// The label to generate with, by name; nil draws one for each sample, all labels being equally likely.
  public var label: String?

  /// Options; checked by `validate()`.
  public init(
    temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, prefix: String = "", label: String? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.prefix = prefix
    self.label = label
  }

  /// Checks the ranges.
  ///
  /// - Throws: `UserError` (usage) that names the flag, its value and the range.
  public func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw UserError(.usage, "--temperature \(temperature): expected a number of at least 0")
    }
    if let topK, topK < 1 { throw UserError(.usage, "--top-k \(topK): expected at least 1") }
    if let topP, !(topP > 0 && topP <= 1) {
      throw UserError(.usage, "--top-p \(topP): expected a share above 0 and at most 1")
    }
  }
}
