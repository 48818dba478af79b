import Adversarial
import Failures
import Files
import Foundation
import Metrics

/// An evaluation of a run on its own data, as `evaluate` leaves it in the run's folder for reports and comparisons: the
/// last one of each step.
struct KeptEvaluation: Codable, Hashable {
  /// The step of the model that was measured.
  var step: Int
  /// The fingerprint of the data that it was measured on.
  var fingerprint: String
  /// The command line that measured it.
  var arguments: [String]
  /// The scores.
  var table: EvaluationTable

  /// Writes it into a run's folder, instead of an earlier one of the same step.
  ///
  /// - Throws: `UserError(.cannotCreate)` where the folder takes no files, `.inputOutput` where the disk is full.
  func keep(in folder: RunFolder) throws {
    let file = folder.evaluation(step: step)
    do {
      try FileManager.default.createDirectory(at: folder.evaluations, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotCreate,
        "\(folder.evaluations.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
    try AtomicFile.write(JSONValue(encoding: self).prettyText, to: file)
  }

  /// The evaluations in a run's folder, in the order of their steps.
  ///
  /// - Throws: `UserError(.badData)` that names a file which is none.
  static func all(in folder: RunFolder) throws -> [KeptEvaluation] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.evaluations.path)) ?? []
    return try names.filter { $0.hasPrefix("step-") && $0.hasSuffix(".json") }.sorted().map { name in
      let file = folder.evaluations.appendingPathComponent(name)
      do {
        return try JSONDecoder().decode(Self.self, from: Data(InputFile.bytes(of: file)))
      } catch let error as UserError {
        throw error
      } catch {
        throw UserError(
          .badData,
          "\(file.relativePath): expected an evaluation that duel wrote; remove it and evaluate again")
      }
    }
  }
}
