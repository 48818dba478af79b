import ArgumentParser
import CaseMeter
import Foundation
import HostileFiles
import TestSupport

/// Tries readers with damaged files, case after case, and ends at the first that crashes, hangs or takes memory without end.
/// `scripts/fuzz` starts it again behind such a case.
///
/// Lines of standard error (libraries write to the other one), fields between tabulators: `crash SIGNAL`, `hang`, `memory`, `fault` or `slow` with the case and what was
/// found; `part` with numbers of cases, of files read and refused, the largest allocation beyond
/// the allowance as a multiple of the file or of what was unpacked or kept, the same of the file, the largest
/// allocation in bytes, and the longest time in seconds.
@main struct DuelFuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "duel-fuzz", abstract: "Tries readers with damaged files.")

  @Argument(help: "The reader; without one all are listed.") var reader: String?
  @Option(help: "The seed of the damage.") var seed: UInt64 = 1
  @Option(help: "The number of the first case.") var from = 0
  @Option(help: "How many cases.") var cases = 1000
  @Option(help: "Writes the files of the cases to this folder and reads none.") var keep: String?

  /// The processor time that a case may take, in seconds.
  private static let longest = 1.0
  /// Bytes beyond which a case is ended at once instead of being measured.
  private static let ceiling = 2 << 30
  /// Cases in a line of numbers.
  private static let part = 500

  func run() throws {
    let readers = try HostileReaders.all(bulk: true)
    guard let name = reader else {
      for reader in readers { print(reader.name) }
      return
    }
    guard let reader = readers.first(where: { $0.name == name }) else {
      throw ValidationError(
        "found the reader '\(name)', expected one of \(readers.map(\.name).joined(separator: ", "))")
    }
    let folder = try TemporaryFolder()
    if let keep {
      for number in from..<from + cases {
        try Data(reader.file(seed: seed, number: number).bytes)
          .write(to: URL(fileURLWithPath: keep).appendingPathComponent("\(number)-\(reader.fileName)"))
      }
      return
    }
    case_watch(Self.longest, Self.ceiling)
    var tally = Tally()
    for number in from..<from + cases {
      let (bytes, content) = reader.file(seed: seed, number: number)
      let path = try folder.write(reader.fileName, bytes)
      var (peak, seconds) = (0, 0.0)
      case_begin("\(name)\tcase \(number) of seed \(seed)")
      let outcome = reader.outcome(of: path)
      case_end(&peak, &seconds)
      var unpacked = content
      switch outcome {
      case .read(let count):
        unpacked = max(unpacked, count)
        tally.read += 1
      case .refused: tally.refused += 1
      case .fault(let text): say("fault\t\(name)\tcase \(number) of seed \(seed)\t\(text.prefix(300))")
      }
      let size = max(bytes.count, unpacked)
      let ratio = AllocationLimit.ratio(peak: peak, allowance: reader.allowance, size: size)
      if ratio > Double(AllocationLimit.factor) {
        say(
          "memory\t\(name)\tcase \(number) of seed \(seed)\t\(peak) bytes for a file of \(bytes.count), \(unpacked) unpacked or kept"
        )
      }
      tally.ratio = max(tally.ratio, ratio)
      tally.fileRatio = max(
        tally.fileRatio, AllocationLimit.ratio(peak: peak, allowance: reader.allowance, size: bytes.count))
      tally.peak = max(tally.peak, peak)
      tally.seconds = max(tally.seconds, seconds)
      tally.cases += 1
      if tally.cases == Self.part || number == from + cases - 1 {
        say("part\t\(name)\t\(tally.line)")
        tally = Tally()
      }
    }
  }
}

/// Writes a line at once: the process may end amid the next case.
private func say(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// The numbers of some cases.
private struct Tally {
  var cases = 0
  var read = 0
  var refused = 0
  var ratio = 0.0
  var fileRatio = 0.0
  var peak = 0
  var seconds = 0.0

  var line: String {
    "\(cases)\t\(read)\t\(refused)\t\(String(format: "%.2f\t%.2f\t%d\t%.3f", ratio, fileRatio, peak, seconds))"
  }
}
