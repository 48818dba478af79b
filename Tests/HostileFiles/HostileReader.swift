import Failures
import Foundation
import TestSupport

/// A reader of files that others made, and what it is tried with.
public struct HostileReader: Sendable {
  /// What reports call it.
  public let name: String
  /// The file's name, which tells some readers what it is.
  public let fileName: String
  /// What is damaged.
  private let mutations: Mutations
  /// Makes a file of every other damaged copy: a packed one, or one with the right checksums, which lets readers get further.
  private let finish: (@Sendable ([UInt8]) -> [UInt8])?
  /// Bytes of what is kept of some content, where a unit of it may take less in the file: a line, the numbers of a row.
  private let kept: @Sendable ([UInt8]) -> Int
  /// Bytes that a case may allocate however small its file is.
  public let allowance: Int
  /// Reads the file and answers how many bytes it has unpacked, as a decoder of sound does; 0 for what is not packed.
  private let read: @Sendable (String) throws -> Int

  /// Describes a reader.
  ///
  /// - Parameters:
  ///   - name: what reports call it.
  ///   - fileName: the name of the file to read.
  ///   - samples: whole files, or what `finish` makes files of.
  ///   - bulk: large whole files with as much content in as few bytes as there can be.
  ///   - words: what means something in the format.
  ///   - finish: makes a file of a damaged copy.
  ///   - kept: bytes of what is kept of some content.
  ///   - allowance: bytes that a case may allocate however small its file is.
  ///   - read: reads the file at a path and answers how many bytes were unpacked.
  init(
    _ name: String, fileName: String, samples: [[UInt8]], bulk: [[UInt8]] = [], words: [String] = [],
    finish: (@Sendable ([UInt8]) -> [UInt8])? = nil, kept: @escaping @Sendable ([UInt8]) -> Int = { _ in 0 },
    allowance: Int = AllocationLimit.allowance, read: @escaping @Sendable (String) throws -> Int
  ) {
    (self.name, self.fileName, self.finish, self.read) = (name, fileName, finish, read)
    (self.kept, self.allowance) = (kept, allowance)
    mutations = Mutations(of: samples, bulk: bulk, words: words.map { Array($0.utf8) })
  }

  /// The file of a case, a pure function of the seed and the case's number, and how many bytes of content are packed in it or
  /// kept of it.
  public func file(seed: UInt64, number: Int) -> (bytes: [UInt8], content: Int) {
    let bytes = mutations.bytes(seed: seed, number: number)
    guard let finish, number.isMultiple(of: 2) else { return (bytes, kept(bytes)) }
    return (finish(bytes), max(bytes.count, kept(bytes)))
  }

  /// How a case ended.
  public enum Outcome: Equatable, Sendable {
    /// The file was read; so many bytes were unpacked.
    case read(unpacked: Int)
    /// The file was refused, as a user's mistake should be.
    case refused
    /// The file was refused in a way that helps nobody.
    case fault(String)
  }

  /// Reads a file and judges the error, if there is one.
  ///
  /// - Parameter path: a file with the name `fileName`.
  public func outcome(of path: String) -> Outcome {
    do {
      return .read(unpacked: try read(path))
    } catch let error as UserError {
      let isNamed = error.category == .usage || error.message.contains(fileName)
      guard [.usage, .badData, .noInput].contains(error.category), isNamed else {
        return .fault("the error of category \(error.category): \(error.message)")
      }
      return .refused
    } catch {
      return .fault("an error that is no user's: \(error)")
    }
  }
}

/// What a case may allocate: ten times its file, or what was unpacked or is kept of it, and an allowance.
public enum AllocationLimit {
  /// 4 MiB. Readers have buffers of fixed size: 256 KiB of decompressed text, the 65,536 words that a line may have, the points
  /// that are drawn from a surface, the first 20,000 values of a document, and libzip the 65,535 members that an archive may
  /// announce, in 2 MB.
  public static let allowance = 4 << 20
  /// 24 MiB for sounds. Decoders keep a frame several times: that of a FLAC file may have 65,535 samples of eight channels,
  /// in 16.7 MB. Vorbis has tables.
  public static let soundAllowance = 24 << 20
  /// How many times the size besides.
  public static let factor = 10

  /// How many times the size was allocated beyond the allowance.
  public static func ratio(peak: Int, allowance: Int, size: Int) -> Double {
    Double(max(0, peak - allowance)) / Double(max(1, size))
  }
}

/// Every reader of files that others made.
public enum HostileReaders {
  /// All of them; their names are unique. Made anew at each call, since sounds and runs are written to a folder first.
  ///
  /// - Parameter bulk: whether large files are among those that are damaged.
  public static func all(bulk: Bool) throws -> [HostileReader] {
    try documents(bulk: bulk) + shapes(bulk: bulk) + sounds(bulk: bulk) + texts(bulk: bulk)
  }

  /// A large file of a head, of lines in a row, and an end, or none where large ones are not asked for.
  static func bulk(_ isAsked: Bool, _ head: String, _ line: String, _ end: String) -> [[UInt8]] {
    guard isAsked else { return [] }
    return [Array((head + String(repeating: line, count: (1 << 19) / line.utf8.count) + end).utf8)]
  }
}
