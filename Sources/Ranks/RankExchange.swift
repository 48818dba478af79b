import CMPI
import Failures
import Foundation

/// How the processes of a job exchange bytes: MPI outside of tests.
///
/// Every rank makes the same calls in the same order; a call returns when all ranks have made it.
public protocol RankExchange: AnyObject, Sendable {
  /// This rank's number, from 0.
  var index: Int { get }
  /// Number of ranks.
  var count: Int { get }
  /// Every rank's bytes, in the order of ranks.
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]]
  /// Adds up vectors in order, those of rank 0 first: the same bits however they are spread over the ranks.
  ///
  /// - Parameters:
  ///   - vectors: this rank's, one behind the other.
  ///   - counts: how many each rank has, at least one.
  func sum(_ vectors: [Float], counts: [Int]) throws -> [Float]
  /// Leaves the job, as all ranks do.
  func finish()
  /// Ends the whole job, also where other ranks wait for this one.
  func abort(code: Int32)
}

/// The exchange of a job that `mpirun` or `srun` has started, by Open MPI, which is loaded when this is made.
final class MPIExchange: RankExchange {
  let index: Int
  let count: Int
  /// The library of this machine, as in `Open MPI v4.1.4`; nil where there is none.
  static var available: String? { cmpi_find() == CMPI_OK ? String(cString: cmpi_version()) : nil }

  /// Bytes of a message whose length need not be sent first.
  private static let short = 504

  /// Joins the job.
  ///
  /// - Parameters:
  ///   - job: what the environment says of it.
  ///   - patience: seconds that a rank waits for the others.
  ///   - waiting: called now and then while a rank waits, with the seconds so far, on the calling thread; it must not throw or
  ///     call the exchange.
  /// - Throws: `UserError` where MPI cannot be loaded or the job is another than the environment says.
  init(_ job: RankJob, patience: Double, waiting: (@convention(c) (Double) -> Void)?) throws {
    let status = cmpi_start()
    guard status == CMPI_OK else {
      let advice =
        status == CMPI_MISSING
        ? "; install Open MPI on every host, as by 'apt-get install openmpi-bin', or start it without \(job.launcher)"
        : ""
      throw UserError(
        .noInput,
        "\(job.launcher) has started this process as one of \(job.count), but MPI cannot be used: \(Self.lastError)\(advice)"
      )
    }
    (index, count) = (Int(cmpi_rank()), Int(cmpi_size()))
    guard count == job.count else {
      throw UserError(
        .usage,
        "\(job.launcher) has started \(job.count) processes, but \(String(cString: cmpi_version())) finds \(count): "
          + "expected a launcher that it knows, as 'mpirun' of the same installation or 'srun --mpi=pmix'")
    }
    cmpi_set_patience(patience, waiting)
  }

  func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    // The length, and as much of the message as fits beside it: one call where all messages are short.
    let size = 8 + Self.short
    var own = withUnsafeBytes(of: UInt64(bytes.count).littleEndian, Array.init)
    own += bytes.prefix(Self.short)
    own += Array(repeating: 0, count: size - own.count)
    var all = Array(repeating: UInt8(0), count: size * count)
    try check(
      own.withUnsafeBytes { own in
        all.withUnsafeMutableBytes { cmpi_gather(own.baseAddress, size, $0.baseAddress) }
      })
    let counts = (0..<count).map { rank in
      all.withUnsafeBytes {
        Int(UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: rank * size, as: UInt64.self)))
      }
    }
    if counts.allSatisfy({ $0 <= Self.short }) {
      return counts.enumerated().map { rank, length in Array(all[rank * size + 8..<rank * size + 8 + length])
      }
    }
    var long = Array(repeating: UInt8(0), count: counts.reduce(0, +))
    try check(
      bytes.withUnsafeBytes { own in
        long.withUnsafeMutableBytes { cmpi_gather_varying(own.baseAddress, counts, $0.baseAddress) }
      })
    var start = 0
    return counts.map { length in
      defer { start += length }
      return Array(long[start..<start + length])
    }
  }

  func sum(_ vectors: [Float], counts: [Int]) throws -> [Float] {
    let length = vectors.count / counts[index]
    var sums = Array(repeating: Float(0), count: length)
    try check(
      sums.withUnsafeMutableBufferPointer {
        cmpi_sum(vectors, counts.map(Int32.init), length, $0.baseAddress)
      })
    return sums
  }

  func finish() { cmpi_finish() }

  func abort(code: Int32) { cmpi_abort(code) }

  private func check(_ status: cmpi_status) throws {
    guard status != CMPI_OK else { return }
    throw UserError(
      .inputOutput,
      "rank \(index) of \(count): the exchange with the other ranks failed: \(Self.lastError); "
        + "the run goes on from its last checkpoint by --resume")
  }

  private static var lastError: String { String(cString: cmpi_last_error()) }
}
