import Failures
import Files
import Foundation

/// The files that samples are written to, one each: `0000.wav`, or with labels `0000-dog.wav`.
public struct SampleFiles: Sendable {
  /// The folder that they lie in.
  public let folder: URL
  /// What their names end with, without the dot.
  public let fileExtension: String
  private let digits: Int
  private let labels: [String]

  /// Makes the folder, unless it is there.
  ///
  /// - Parameters:
  ///   - folder: where the files go.
  ///   - count: how many there will be.
  ///   - fileExtension: what their names end with.
  ///   - labels: the names of the labels by index.
  /// - Throws: `UserError(.cannotCreate)` when the folder cannot be made.
  public init(in folder: URL, count: Int, fileExtension: String, labels: [String] = []) throws {
    try Self.makeFolder(folder)
    // What a process that was killed while it wrote samples there has left.
    AtomicFile.sweepStale(in: folder)
    self.folder = folder
    self.fileExtension = fileExtension
    self.labels = labels
    digits = max(4, String(max(count, 1) - 1).count)
  }

  /// The file of a sample.
  ///
  /// - Parameters:
  ///   - number: the sample's, from 0.
  ///   - label: its label's index.
  public func file(_ number: Int, label: Int? = nil) -> URL {
    let number = String(number)
    let label = label.map { "-" + Self.name(of: labels[$0]) } ?? ""
    let stem = String(repeating: "0", count: max(digits - number.count, 0)) + number + label
    return folder.appendingPathComponent("\(stem).\(fileExtension)")
  }

  /// A label as a part of a file's name: what is neither letter, digit nor underscore becomes a dash.
  public static func name(of label: String) -> String {
    String(label.prefix(40).map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
  }

  /// Makes a folder for samples, unless it is there.
  ///
  /// - Throws: `UserError(.cannotCreate)` that says why it cannot be made.
  public static func makeFolder(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .cannotCreate, "\(folder.relativePath): cannot make the folder: \(error.localizedDescription)")
    }
  }
}
