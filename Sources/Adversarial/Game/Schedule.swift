import Failures
import Foundation

/// A number that changes over a run: a learning rate, a penalty's weight, a temperature.
///
/// A pure function of the step and of the number of steps that the run will have in the end, so a run that stops and
/// goes on needs to store nothing. Spelled `0.001`, `linear:1:0`, `cosine:1e-3:1e-5` or `exp:1:100`, the first number
/// holding at step 0 and the second at the last step; then, if wanted, `,warm-up=500` (steps) and `,hold=0.5` (share).
/// In JSON a constant is a number.
public struct Schedule: TextForm {
  /// How a value gets from its start to its end; t runs from 0 to 1.
  public enum Curve: String, Sendable, CaseIterable {
    /// Stays at the start.
    case constant
    /// from + t (to - from).
    case linear
    /// Half a period of a cosine (Loshchilov and Hutter, 2017): flat at both ends.
    case cosine
    /// from (to / from)ᵗ: equal factors in equal times. Both ends have the same sign and are not 0.
    case exponential = "exp"
  }

  /// The way from start to end.
  public let curve: Curve
  /// The value at step 0, or after warming up.
  public let from: Double
  /// The value at the last step.
  public let to: Double
  /// Steps in which the value rises in proportion from near 0 to `from`, before anything else.
  public private(set) var warmUpSteps = 0
  /// Share of the steps after warming up in which the value stays at `from`, from 0 to 1.
  public private(set) var holdShare = 0.0

  private init(_ curve: Curve, from: Double, to: Double) {
    self.curve = curve
    self.from = from
    self.to = to
  }

  /// The same value at all steps.
  public static func constant(_ value: Double) -> Schedule { Schedule(.constant, from: value, to: value) }
  /// A straight line.
  public static func linear(from: Double, to: Double) -> Schedule { Schedule(.linear, from: from, to: to) }
  /// Half a period of a cosine.
  public static func cosine(from: Double, to: Double) -> Schedule { Schedule(.cosine, from: from, to: to) }
  /// Equal factors in equal times.
  ///
  /// - Precondition: both ends have the same sign and are not 0.
  public static func exponential(from: Double, to: Double) -> Schedule {
    precondition(from * to > 0, "an exponential schedule has ends of one sign, not \(from) and \(to)")
    return Schedule(.exponential, from: from, to: to)
  }

  /// The same schedule with a number of steps at its start in which it rises in proportion.
  public func warmingUp(over steps: Int) -> Schedule {
    precondition(steps >= 0, "a warm-up of \(steps) steps")
    var changed = self
    changed.warmUpSteps = steps
    return changed
  }

  /// The same schedule with a share of its steps in which it stays at its start.
  public func holding(for share: Double) -> Schedule {
    precondition((0...1).contains(share), "a share of \(share)")
    var changed = self
    changed.holdShare = share
    return changed
  }

  /// The value at a step.
  ///
  /// - Parameters:
  ///   - step: steps done before this one; from `total - 1` on the value is `to`.
  ///   - total: steps that the run will have in the end.
  public func value(at step: Int, of total: Int) -> Double {
    if step < warmUpSteps { return from * Double(step + 1) / Double(warmUpSteps) }
    let held = Int((holdShare * Double(max(total - warmUpSteps, 0))).rounded())
    let start = warmUpSteps + held
    let last = total - 1
    guard step > start else { return from }
    let t = step >= last ? 1 : Double(step - start) / Double(last - start)
    switch curve {
    case .constant: return from
    case .linear: return t == 1 ? to : from + t * (to - from)
    case .cosine: return t == 1 ? to : to + (from - to) * (1 + cos(.pi * t)) / 2
    case .exponential: return t == 1 ? to : from * pow(to / from, t)
    }
  }

  /// The spelling, as `cosine:0.001:1e-05,warm-up=500`.
  public var description: String {
    var text = curve == .constant ? spelled(from) : "\(curve.rawValue):\(spelled(from)):\(spelled(to))"
    if warmUpSteps > 0 { text += ",warm-up=\(warmUpSteps)" }
    if holdShare > 0 { text += ",hold=\(spelled(holdShare))" }
    return text
  }

  /// Reads a spelling.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    self = try Schedule.curve(of: parts.first ?? "", in: text)
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
      switch (pair.first, pair.count) {
      case ("warm-up", 2):
        guard let steps = Int(pair[1]), steps >= 0 else {
          throw UserError(.usage, "'\(text)': warm-up is '\(pair[1])', expected a whole number of steps")
        }
        warmUpSteps = steps
      case ("hold", 2):
        holdShare = try number(pair[1], named: "hold", in: text)
        guard (0...1).contains(holdShare) else {
          throw UserError(.usage, "'\(text)': hold is \(spelled(holdShare)), expected a share from 0 to 1")
        }
      default:
        throw UserError(.usage, "'\(text)': found '\(part)', expected warm-up=STEPS or hold=SHARE")
      }
    }
  }

  private static func curve(of part: Substring, in text: String) throws -> Schedule {
    let words = part.split(separator: ":", omittingEmptySubsequences: false)
    if words.count == 1, let value = Double(part), value.isFinite { return .constant(value) }
    guard words.count == 3, let curve = Curve(rawValue: String(words[0])), curve != .constant else {
      throw UserError(
        .usage, "'\(text)': expected a number, linear:FROM:TO, cosine:FROM:TO or exp:FROM:TO")
    }
    let from = try number(words[1], named: "the start", in: text)
    let to = try number(words[2], named: "the end", in: text)
    guard curve != .exponential || from * to > 0 else {
      throw UserError(.usage, "'\(text)': exp needs two numbers of one sign, neither 0")
    }
    return Schedule(curve, from: from, to: to)
  }

  /// Reads a number or a spelling.
  public init(from decoder: any Decoder) throws {
    self = try Schedule.decoded(from: decoder) { container in
      if let value = try? container.decode(Double.self) { return spelled(value) }
      return try container.decode(String.self)
    }
  }

  /// Writes a number where one is enough, else the spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if curve == .constant, warmUpSteps == 0, holdShare == 0 {
      try container.encode(from)
    } else {
      try container.encode(description)
    }
  }
}

extension Schedule: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The same value at all steps.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// The same value at all steps.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

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
