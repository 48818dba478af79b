import Failures
import Files
import Foundation

/// The reports of a run, read back from its `metrics.jsonl`.
public struct MetricsHistory: Hashable, Sendable {
  /// A number at the steps that reported it.
  public struct Series: Hashable, Sendable {
    /// The steps, ascending.
    public fileprivate(set) var steps: [Int] = []
    /// The value at each step; not finite where the run was in trouble.
    public fileprivate(set) var values: [Double] = []
    /// The last value.
    public var last: Double? { values.last }

    /// Of a number that was never reported.
    public init() {}
  }

  /// Every number by its name, `discriminator.loss` and the like, `rate` and `waiting` included.
  public private(set) var series: [String: Series] = [:]
  /// The step of the last report; 0 before the first one.
  public private(set) var lastStep = 0
  /// The phase of the last report; nil before the first one.
  public private(set) var lastPhase: String?
  /// Seconds of training, of all processes that the run took.
  public private(set) var seconds = 0.0

  /// Of a run that has reported nothing.
  public init() {}

  /// Reads a run's reports. A last line that is cut short, as a running or a killed process may leave it, does not count.
  ///
  /// - Throws: `UserError(.badData)` that names the line which is no report; `.inputOutput` where the file cannot be read.
  public init(contentsOf file: URL) throws {
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    var processSeconds = 0.0
    var rest = try InputFile.bytes(of: file)[...]
    var number = 0
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      let place = "\(file.relativePath), line \(number)"
      let members = try Self.members(of: rest[..<end], at: place)
      guard case .int(let step)? = members["step"], step >= lastStep else {
        throw UserError(
          .badData, "\(place): found no whole number named step, \(lastStep) or more, expected a report")
      }
      lastStep = step
      if case .string(let phase)? = members["phase"] { lastPhase = phase }
      for (name, value) in members where name != "step" && name != "seconds" {
        guard let value = value.number else { continue }
        series[name, default: Series()].steps.append(step)
        series[name, default: Series()].values.append(value)
      }
      // The seconds of a process that went on begin anew.
      if let now = members["seconds"]?.number {
        if now < processSeconds { seconds += processSeconds }
        processSeconds = now
      }
      rest = rest[(end + 1)...]
    }
    seconds += processSeconds
  }

  private static func members(of line: ArraySlice<UInt8>, at place: String) throws -> [String: JSONValue] {
    do {
      guard case .object(let members) = try JSONValue(parsing: line) else {
        throw UserError(.badData, "\(place): expected a report, a JSON object")
      }
      return members
    } catch let error as JSONError {
      throw UserError(.badData, "\(place): \(error.message)")
    }
  }
}
