import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import Adversarial

@Suite struct RunFolderTests {
  private func failure(_ body: () throws -> Void) -> UserError? {
    #expect(throws: UserError.self) { try body() }
  }

  @Test func createsWithItsSubfolders() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["runs/a"])
    #expect(FileManager.default.fileExists(atPath: run.checkpoints.path))
    #expect(run.preview(step: 2000).path == temporary["runs/a/previews/step-00002000"].path)
  }

  @Test func refusesWhatIsThere() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["a"])
    try AtomicFile.write("{}", to: run.descriptionFile)
    let error = failure { _ = try RunFolder.create(at: temporary["a"]) }
    #expect(error?.category == .cannotCreate)
    #expect(
      error?.message.hasSuffix("a: found a run already, expected a new folder; --resume continues it") == true
    )

    try FileManager.default.createDirectory(at: temporary["b"], withIntermediateDirectories: true)
    _ = try RunFolder.create(at: temporary["b"])
    try AtomicFile.write("", to: temporary["file"])
    #expect(failure { _ = try RunFolder.create(at: temporary["file"]) }?.category == .cannotCreate)
    #expect(failure { _ = try RunFolder.create(at: temporary["file/c"]) }?.category == .cannotCreate)
    try FileManager.default.createDirectory(at: temporary["d/photos"], withIntermediateDirectories: true)
    #expect(
      failure { _ = try RunFolder.create(at: temporary["d"]) }?.message.contains("found photos") == true)
  }

  @Test func aRunKilledBeforeItsFirstFileIsNoObstacle() throws {
    let temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(at: temporary["a"], withIntermediateDirectories: true)
    let stale = ".duel-\(Int32.max)-x.tmp"
    for name in ["run.lock", ".duel-1-x.tmp", stale] { try Data().write(to: temporary["a/" + name]) }
    _ = try RunFolder.create(at: temporary["a"])
    #expect(!FileManager.default.fileExists(atPath: temporary["a/" + stale].path))
  }

  @Test func whatIsDiscardedIsOnesOwn() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["a"])
    let lock = try run.lock()
    // Another process that is too late must not take the folder away from the one that has it.
    run.discard(holding: nil)
    #expect(FileManager.default.fileExists(atPath: run.checkpoints.path))
    run.discard(holding: lock)
    #expect(try temporary.names.isEmpty)
    try RunFolder.create(at: temporary["b"]).discard(holding: nil)
    #expect(try temporary.names.isEmpty)
  }

  @Test func numbersGoOnAfterTheGreatest() throws {
    let temporary = try TemporaryFolder()
    let runs = temporary["runs"]
    #expect(
      try RunFolder.createNumbered(in: runs, label: "text-names").url.lastPathComponent == "00000-text-names")
    for name in ["00007-audio", "notes", "x-9", "99999999999999999999-x"] {
      try FileManager.default.createDirectory(
        at: runs.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let next = try RunFolder.createNumbered(in: runs, label: "text-my names/é")
    #expect(next.url.lastPathComponent == "00008-text-my-names-é")
    try AtomicFile.write("", to: temporary["file"])
    #expect(
      failure { _ = try RunFolder.createNumbered(in: temporary["file"], label: "x") }?.category
        == .cannotCreate)
  }

  @Test func openingNeedsARun() throws {
    let temporary = try TemporaryFolder()
    #expect(
      failure { _ = try RunFolder.open(temporary["absent"]) }?.message.contains("no such folder") == true)
    let run = try RunFolder.create(at: temporary["a"])
    let error = failure { _ = try RunFolder.open(run.url) }
    #expect(error?.category == .noInput)
    #expect(error?.message.contains("no run.json") == true)
    try AtomicFile.write("{}", to: run.descriptionFile)
    // No process has this number.
    let stale = run.checkpoints.appendingPathComponent(".duel-\(Int32.max)-x.tmp")
    try Data().write(to: stale)
    #expect(try RunFolder.open(run.url) == run)
    #expect(!FileManager.default.fileExists(atPath: stale.path))
  }

  @Test func oneProcessTrainsARun() throws {
    let temporary = try TemporaryFolder()
    let run = try RunFolder.create(at: temporary["a"])
    do {
      let lock = try run.lock()
      let error = failure { _ = try run.lock() }
      #expect(error?.message.contains("another process is training this run") == true)
      withExtendedLifetime(lock) {}
    }
    _ = try run.lock()
  }
}
