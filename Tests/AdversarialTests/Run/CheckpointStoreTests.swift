import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import Adversarial

@Suite struct CheckpointStoreTests {
  struct Mishap: Error {}

  /// A run folder with its store.
  private struct Fixture {
    let temporary: TemporaryFolder
    let run: RunFolder
    let store: CheckpointStore

    init(keeping kept: Int = 2) throws {
      temporary = try TemporaryFolder()
      run = try RunFolder.create(at: temporary["run"])
      try AtomicFile.write("{}", to: run.descriptionFile)
      store = CheckpointStore(folder: run.checkpoints, keeping: kept)
    }

    func save(_ step: Int, _ pointers: Set<CheckpointStore.Pointer> = []) throws {
      try store.save(step: step, pointers: pointers) { try AtomicFile.write("\(step)", to: $0) }
    }

    /// Reads what `save` wrote; "bad" is damage.
    func read(_ url: URL) throws -> String {
      let text = try InputFile.text(of: url)
      if text == "bad" { throw UserError(.badData, "\(url.lastPathComponent): damaged") }
      return text
    }
  }

  @Test func keepsTheLastAndThosePointedTo() throws {
    let fixture = try Fixture()
    try fixture.save(10, [.start])
    try fixture.save(20, [.best])
    for step in [30, 40, 50] { try fixture.save(step) }
    #expect(fixture.store.steps == [10, 20, 40, 50])
    try fixture.save(60, [.best])
    #expect(fixture.store.steps == [10, 50, 60])
    #expect(try fixture.store.target(of: .latest) == fixture.store.url(step: 60))
    #expect(try fixture.store.target(of: .best) == fixture.store.url(step: 60))
    #expect(try fixture.store.target(of: .start)?.lastPathComponent == "step-00000010.safetensors")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.store.folder.path).sorted() == [
        "best", "latest", "start", "step-00000010.safetensors", "step-00000050.safetensors",
        "step-00000060.safetensors",
      ])
  }

  @Test func aFailedWriteChangesNothing() throws {
    let fixture = try Fixture(keeping: 1)
    try fixture.save(10)
    #expect(throws: Mishap.self) { try fixture.store.save(step: 20) { _ in throw Mishap() } }
    #expect(fixture.store.steps == [10])
    #expect(try CheckpointStore.load(fixture.run.url, read: fixture.read) == "10")
  }

  @Test func aPointerThatCannotBeWrittenDeletesNothing() throws {
    let fixture = try Fixture(keeping: 1)
    try fixture.save(10)
    let latest = fixture.store.folder.appendingPathComponent("latest")
    try FileManager.default.removeItem(at: latest)
    try FileManager.default.createDirectory(at: latest, withIntermediateDirectories: true)
    #expect(throws: UserError.self) { try fixture.save(20) }
    #expect(fixture.store.steps == [10, 20])
  }

  @Test func resumingFromAnEarlierOneKeepsIt() throws {
    let fixture = try Fixture(keeping: 2)
    for step in [10, 20, 30] { try fixture.save(step) }
    try fixture.save(25)
    #expect(fixture.store.steps == [20, 25, 30])
    #expect(try CheckpointStore.load(fixture.run.url, read: fixture.read) == "25")
  }

  @Test func resolvesFoldersFilesAndPointers() throws {
    let fixture = try Fixture()
    try fixture.save(10, [.best])
    try fixture.save(20)
    let file = fixture.store.url(step: 10)
    #expect(try CheckpointStore.resolve(fixture.run.url) == fixture.store.url(step: 20))
    #expect(try CheckpointStore.resolve(fixture.run.url, pointer: .best) == file)
    #expect(try CheckpointStore.resolve(file) == file)
  }

  private func failure(_ body: () throws -> Void) -> UserError? {
    #expect(throws: UserError.self) { try body() }
  }

  @Test func whatCannotBeResolvedIsNamed() throws {
    let fixture = try Fixture()
    let run = fixture.run.url
    var error = failure { _ = try CheckpointStore.resolve(run) }
    #expect(error?.category == .noInput)
    #expect(error?.message.contains("found no checkpoint yet") == true)
    error = failure { _ = try CheckpointStore.resolve(run.appendingPathComponent("absent")) }
    #expect(error?.category == .noInput)
    error = failure { _ = try CheckpointStore.resolve(fixture.temporary.url) }
    #expect(error?.message.contains("no run.json") == true)

    try fixture.save(10)
    error = failure { _ = try CheckpointStore.resolve(run, pointer: .best) }
    #expect(error?.message.hasSuffix("found no checkpoint named best, expected one of latest") == true)
    try FileManager.default.removeItem(at: fixture.store.url(step: 10))
    error = failure { _ = try CheckpointStore.resolve(run) }
    #expect(error?.category == .badData)
    #expect(error?.message.contains("there is no such file") == true)
    for text in ["", "../../secret", "step-10.safetensors", "step--0000001.safetensors"] {
      try AtomicFile.write(text, to: fixture.store.folder.appendingPathComponent("latest"))
      error = failure { _ = try CheckpointStore.resolve(run) }
      #expect(error?.message.contains("expected the name of a checkpoint") == true)
    }
  }

  @Test func damageNamesThePreviousGoodOne() throws {
    let fixture = try Fixture(keeping: 3)
    for step in [10, 20, 30] { try fixture.save(step) }
    for step in [20, 30] { try AtomicFile.write("bad", to: fixture.store.url(step: step)) }
    var error = failure { _ = try CheckpointStore.load(fixture.run.url, read: fixture.read) }
    #expect(error?.category == .badData)
    #expect(
      error?.message.hasPrefix("step-00000030.safetensors: damaged; the newest undamaged one is ") == true)
    #expect(error?.message.hasSuffix("10.safetensors: give that file") == true)
    // A file that the user names is taken at its word.
    error = failure { _ = try CheckpointStore.load(fixture.store.url(step: 20), read: fixture.read) }
    #expect(error?.message == "step-00000020.safetensors: damaged")
    try AtomicFile.write("bad", to: fixture.store.url(step: 10))
    error = failure { _ = try CheckpointStore.load(fixture.run.url, read: fixture.read) }
    #expect(error?.message.hasSuffix("no earlier one is undamaged") == true)
  }

  @Test(arguments: [("step-00000000.safetensors", 0), ("step-123456789.safetensors", 123_456_789)])
  func namesTellTheStep(name: String, step: Int) {
    #expect(CheckpointStore.step(of: name) == step)
    #expect(CheckpointStore.stem(step: step) + ".safetensors" == name)
  }
}
