import Foundation
import TestSupport
import Testing

@testable import ModalityKit

/// Signals end processes, so each test has one of its own.
@Suite struct InterruptionTests {
  /// Sends a signal to this process and waits until it is noticed; whichever thread receives it.
  private static func send(_ number: Int32) {
    kill(getpid(), number)
    for _ in 0..<10_000 where Interruption.requested == nil { usleep(1000) }
  }

  /// Sends a signal that should end this process.
  private static func sendLast(_ number: Int32) {
    kill(getpid(), number)
    sleep(10)
  }

  @Test func theFirstSignalIsARequest() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Interruption.install()
      guard Interruption.requested == nil else { exit(1) }
      Self.send(SIGTERM)
      guard Interruption.requested == .terminate, Interruption.requested?.exitCode == 143 else { exit(2) }
      Interruption.install()
      guard Interruption.requested == nil else { exit(3) }
      Self.send(SIGINT)
      guard Interruption.requested == .interrupt, Interruption.requested?.exitCode == 130 else { exit(4) }
      exit(7)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interruption.install()
      Self.send(SIGTERM)
      Self.sendLast(SIGINT)
      exit(0)
    }
    await #expect(processExitsWith: .exitCode(143)) {
      Interruption.install()
      Self.send(SIGTERM)
      Self.sendLast(SIGTERM)
      exit(0)
    }
  }

  @Test func restoredSignalsEndTheProcess() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      Interruption.install()
      Interruption.restore()
      Self.sendLast(SIGTERM)
      exit(0)
    }
  }
}

/// Signals end processes, so this has one of its own.
@Suite struct BusErrorTests {
  @Test func aMappedFileThatIsCutEndsTheProcessWithASentence() async throws {
    let result = await #expect(processExitsWith: .exitCode(74), observing: [\.standardErrorContent]) {
      BusError.explain()
      let folder = try TemporaryFolder()
      let path = try folder.write("data", [UInt8](repeating: 1, count: 1 << 16))
      let descriptor = open(path, O_RDWR)
      guard let mapping = mmap(nil, 1 << 16, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED
      else {
        exit(1)
      }
      guard ftruncate(descriptor, 0) == 0 else { exit(2) }
      try FileManager.default.removeItem(at: folder.url)
      exit(Int32(mapping.load(fromByteOffset: 1 << 15, as: UInt8.self)) + 10)
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      text.contains("Error: a data file became shorter") && text.contains("go on with --resume"), "\(text)")
  }
}
