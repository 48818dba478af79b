import Foundation
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
