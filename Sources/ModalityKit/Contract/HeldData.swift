/// Training data that checkpoints of a model hold outright, beside what weights have learned of it.
///
/// Whoever hands out a checkpoint hands this out too. `duel MEDIUM info` prints it.
public struct HeldData: Codable, Equatable, Sendable {
  /// The part of a checkpoint that data lies in.
  public enum Place: String, Codable, Sendable {
    /// The generator, and with it everything that makes samples.
    case generator
    /// The discriminator, and the verdict, which is another one: a generator alone does not have it.
    case discriminator
    /// The recipe, which every checkpoint has.
    case recipe
  }

  /// What is held of a sample, in words, such as "codes".
  public var content: String
  /// What samples are called, in the plural, such as "shapes".
  public var noun: String
  /// Training samples of which it is held, one by one; nil where all were counted together.
  public var samples: Int?
  /// Whether that is every training sample: false where there may be more.
  public var isAll: Bool
  /// Where it lies.
  public var place: Place
  /// What can be done with it, as the end of a sentence, such as "from which they can be made again".
  public var consequence: String

  /// Describes what is held.
  public init(
    _ content: String, of noun: String, samples: Int? = nil, isAll: Bool = true, in place: Place,
    _ consequence: String
  ) {
    (self.content, self.noun, self.samples, self.isAll) = (content, noun, samples, isAll)
    (self.place, self.consequence) = (place, consequence)
  }

  /// One sentence without its full stop.
  var words: String {
    let amount = [isAll ? "all" : nil, samples.map { String($0) }].compactMap(\.self).joined(separator: " ")
    return "\(content) of \(amount.isEmpty ? "some" : amount) training \(noun), in the \(place.rawValue), "
      + consequence
  }
}

extension [HeldData] {
  /// One line.
  var words: String {
    isEmpty
      ? "no training data, beside what weights have learned" : map(\.words).joined(separator: "; ")
  }
}
