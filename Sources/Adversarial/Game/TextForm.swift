import Failures
import Foundation

/// A value that people write as one word, on the command line and in JSON alike: `cosine:1e-3:1e-5`, `r1=0.5/16`.
///
/// The description is the canonical spelling and reads back as an equal value.
public protocol TextForm: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Reads a spelling.
  ///
  /// - Throws: `UserError` of category usage that says what was found and what was expected.
  init(parsing text: String) throws
}

extension TextForm {
  /// Reads the spelling.
  ///
  /// - Throws: `DecodingError` with the reason when the text is not a spelling.
  public init(from decoder: any Decoder) throws {
    self = try Self.decoded(from: decoder) { try $0.decode(String.self) }
  }

  /// Writes the canonical spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads what `spelling` takes from the decoder, and turns a reason for the user into one for the decoder.
  static func decoded(
    from decoder: any Decoder, spelling: (any SingleValueDecodingContainer) throws -> String
  ) throws -> Self {
    let container = try decoder.singleValueContainer()
    do {
      return try Self(parsing: spelling(container))
    } catch let error as UserError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
    }
  }
}

/// The shortest spelling of a number that reads back as itself: `10`, `0.001`, `1e-05`.
func spelled(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}

/// Reads a finite number of a spelling.
///
/// - Throws: `UserError` of category usage that names the number and the whole spelling.
func number(_ text: some StringProtocol, named name: String, in whole: String) throws -> Double {
  guard let number = Double(String(text)), number.isFinite else {
    throw UserError(.usage, "'\(whole)': \(name) is '\(text)', expected a number")
  }
  return number
}
