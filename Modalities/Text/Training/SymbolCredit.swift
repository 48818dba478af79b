import Torch

/// Which symbols of generated samples earned what the discriminator thinks of these.
///
/// REINFORCE (Williams, 1992) makes each symbol of a sample likelier by the reward of the whole sample. Of 64 symbols one or two
/// have to do with an unknown word, so what the others are told is noise. But much of what a discriminator finds lies in certain
/// symbols: where the text's runs make them unlikely, where an unknown word ends. Logits are therefore fitted, by least squares
/// over the batch, as sums over symbols of `Lexicon.evidence(of:)`. A symbol is credited with its own part of such a sum and
/// with that of the symbols after it, the later the less, each less what is usual at its place in a sample, as in the dense
/// rewards of ScratchGAN (de Masson d'Autume et al., 2019); and with all that the fit leaves over, which may have to do with any
/// symbol.
struct SymbolCredit {
  /// What a part of the next symbol counts beside one's own.
  static let discount = 0.8
  /// Logits are cut off so far from their mean.
  static let largestAdvantage = 4.0
  /// What is added to the squares of the fit, relative to them.
  private static let ridge = 0.05

  /// The credit of each symbol, `[B, T]`; 0 behind a sample's end. In nats, about 0 in the mean.
  let values: Tensor
  /// The share of the logits' variance that the fit explains, up to 1.
  let explained: Double

  /// Gives credit.
  ///
  /// - Parameters:
  ///   - logits: of all samples of a batch, `[B]`.
  ///   - evidence: numbers of each symbol, `[B, T, F]`; F may be 0.
  ///   - isLive: 1 for symbols up to a sample's end and for the end itself, 0 behind it, `[B, T]`.
  init(logits: Tensor, evidence: Tensor, isLive: Tensor) throws {
    let isLive = try isLive.converted(to: .float64)
    let evidence = try evidence.converted(to: .float64) * isLive.expandingDimension(at: -1)
    let logits = try logits.converted(to: .float64)
    let advantages = try (logits - logits.mean())
      .clamped(from: -Self.largestAdvantage, to: Self.largestAdvantage).expandingDimension(at: 1)
    let sums = try evidence.sum(along: 1)
    let centred = try sums - sums.mean(along: 0)
    let squares = try centred.transposed().matmul(centred)
    let identity = try Tensor.identity(squares.shape[0], dtype: .float64, device: logits.device)
    // A number that is the same in all samples explains nothing, and is not divided by.
    let regularised = try squares * (identity * Self.ridge + 1) + identity * 1e-3
    let weights = try regularised.solving(centred.transposed().matmul(advantages))
    let unexplained = try advantages - centred.matmul(weights)
    let rewards = try evidence.matmul(weights).squeezingDimension(at: -1)
    let usual = try rewards.sum(along: 0) / isLive.sum(along: 0).clamped(from: 1)
    let later = try ((rewards - usual) * isLive).matmul(
      Self.discounts(rewards.shape[1], device: logits.device))
    values = try ((later + unexplained) * isLive).converted(to: .float32)
    explained = try 1 - unexplained.squared().sum().item() / max(advantages.squared().sum().item(), 1e-12)
  }

  /// `[T, T]`: what the part of one symbol, a row, counts for another, a column: less and less for those before it, nothing for
  /// those behind it.
  private static func discounts(_ length: Int, device: Device) throws -> Tensor {
    var values: [Double] = []
    values.reserveCapacity(length * length)
    var powers = [1.0]
    while powers.count < length { powers.append(powers[powers.count - 1] * discount) }
    for later in 0..<length {
      for earlier in 0..<length { values.append(earlier <= later ? powers[later - earlier] : 0) }
    }
    return try Tensor(values, shape: [length, length], device: device)
  }
}
