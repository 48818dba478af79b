import Failures
import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct AtomicFileTests {
  struct Mishap: Error {}

  private func category(_ body: () throws -> Void) -> UserError.Category? {
    do {
      try body()
      return nil
    } catch {
      return (error as? UserError)?.category
    }
  }

  @Test func createsAndReplaces() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("one", to: folder["a.txt"])
    #expect(try InputFile.text(of: folder["a.txt"]) == "one")
    try AtomicFile.write("two", to: folder["a.txt"])
    #expect(try InputFile.text(of: folder["a.txt"]) == "two")
    #expect(try folder.names == ["a.txt"])
  }

  @Test func givesTheModeLessTheUmask() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("", to: folder["plain"])
    try AtomicFile.write(to: folder["secret"], mode: 0o600) { try $0.write("") }
    // Reading the umask means setting it, which other tests would notice: the kernel tells it besides.
    let status = try InputFileStatus.umask()
    #expect(try InputFileStatus.mode(of: folder["plain"]) == 0o644 & ~status)
    #expect(try InputFileStatus.mode(of: folder["secret"]) == 0o600 & ~status)
  }

  @Test func keepsEveryByteOfLargeAndSmallPieces() throws {
    let folder = try TemporaryFolder()
    let sizes = [0, 1, 65_535, 65_536, 65_537, 3, 200_000, 7]
    let pieces = sizes.enumerated().map { index, size in
      (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
    }
    try AtomicFile.write(to: folder["a"]) { file in
      for piece in pieces { try file.write(piece) }
    }
    #expect(try InputFile.bytes(of: folder["a"]) == pieces.flatMap { $0 })
  }

  @Test func aFailingBodyKeepsTheOldContentAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder["a"])
    #expect(throws: Mishap.self) {
      try AtomicFile.write(to: folder["a"]) { file in
        try file.write([UInt8](repeating: 1, count: 100_000))
        throw Mishap()
      }
    }
    #expect(try InputFile.text(of: folder["a"]) == "old")
    #expect(try folder.names == ["a"])
  }

  @Test func aKilledProcessKeepsTheOldContentAndItsTemporaryIsSwept() async throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder["a"])
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder["a"].path as String] in
      try AtomicFile.write(to: URL(fileURLWithPath: path)) { file in
        try file.write([UInt8](repeating: 1, count: 100_000))
        kill(getpid(), SIGKILL)
        sleep(10)
      }
    }
    #expect(try InputFile.text(of: folder["a"]) == "old")
    #expect(try folder.names.count == 2)
    AtomicFile.sweepStale(in: folder.url)
    #expect(try folder.names == ["a"])
  }

  @Test func foldersThatTakeNoFileAreRefused() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("a file", to: folder["a"])
    // Modes do not stop the superuser; these do.
    for url in [folder["a"].appendingPathComponent("b"), folder["absent/b"], URL(fileURLWithPath: "/proc/b")]
    {
      #expect(category { try AtomicFile.write("x", to: url) } == .cannotCreate, "\(url.path)")
    }
    #expect(try folder.names == ["a"])
  }

  @Test func aFolderInTheWayIsRefusedAndNothingIsLeft() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder["a"], withIntermediateDirectories: true)
    #expect(category { try AtomicFile.write("x", to: folder["a"]) } == .cannotCreate)
    #expect(try folder.names == ["a"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func aFullDiskIsAnError() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let writer = FileWriter(descriptor: descriptor, name: "full")
    let error = #expect(throws: UserError.self) {
      try writer.write("x")
      try writer.flush()
    }
    #expect(error?.category == .inputOutput)
    #expect(error?.message == "full: cannot write: No space left on device")
    #expect(category { try writer.write([UInt8](repeating: 0, count: 100_000)) } == .inputOutput)
  }

  @Test func whatIsNoFileIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder["pipe"].path, 0o644) == 0)
    try FileManager.default.createDirectory(at: folder["folder"], withIntermediateDirectories: false)
    for name in ["pipe", "folder"] {
      #expect(category { try AtomicFile.write("x", to: folder[name]) } == .cannotCreate)
    }
    #expect(try folder.names == ["folder", "pipe"])
  }

  @Test func aLinkStaysAndItsTargetIsReplaced() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder["file"])
    try FileManager.default.createSymbolicLink(at: folder["link"], withDestinationURL: folder["file"])
    try AtomicFile.write("new", to: folder["link"])
    #expect(try String(contentsOf: folder["file"], encoding: .utf8) == "new")
    let type = try FileManager.default.attributesOfItem(atPath: folder["link"].path)[.type]
    #expect(type as? FileAttributeType == .typeSymbolicLink)
  }

  @Test func linksLeadFromLinkToLinkAndToFilesThatAreNotThereYet() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder["inner/deep"], withIntermediateDirectories: true)
    for (link, destination) in [
      ("a", "inner/b"), ("inner/b", "../inner/deep/../c"), ("inner/c", folder["new"].path),
      ("circle", "circle"),
      ("door", "inner"), ("lost", "absent/file"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: folder[link].path, withDestinationPath: destination)
    }
    for text in ["one", "two"] {
      try AtomicFile.write(text, to: folder["a"])
      #expect(try InputFile.text(of: folder["new"]) == text)
    }
    try AtomicFile.write("three", to: folder["door/file"])
    #expect(try InputFile.text(of: folder["inner/file"]) == "three")
    for name in ["circle", "lost"] {
      #expect(category { try AtomicFile.write("x", to: folder[name]) } == .cannotCreate)
    }
    #expect(try folder.names == ["a", "circle", "door", "inner", "lost", "new"])
  }

  /// A folder of others' links: who else can write to it, and what makes it so.
  struct SharedFolder: CustomTestStringConvertible, Sendable {
    let others: String
    let mode: mode_t
    var group: gid_t?
    var owner: uid_t?
    var testDescription: String { others + " " + String(mode, radix: 8) }

    /// Folders of another user's or group's can be made by root alone.
    static let all =
      [SharedFolder(others: "everybody", mode: 0o777), SharedFolder(others: "everybody", mode: 0o1777)]
      + (geteuid() != 0
        ? []
        : [
          SharedFolder(others: "another group", mode: 0o775, group: getegid() + 77),
          SharedFolder(others: "another group", mode: 0o3770, group: getegid() + 77),
          SharedFolder(others: "another user", mode: 0o700, owner: 77),
        ])
  }

  @Test(arguments: SharedFolder.all)
  func aLinkThatOthersMayHaveMadeIsRefused(shared: SharedFolder) throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("mine", to: folder["file"])
    let place = folder["shared"]
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    #expect(chown(place.path, shared.owner ?? geteuid(), shared.group ?? getegid()) == 0)
    #expect(chmod(place.path, shared.mode) == 0)
    for (link, destination) in [
      ("shared/link", "../file"), ("shared/dangling", "../absent"), ("outer", "shared/link"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: folder[link].path, withDestinationPath: destination)
    }
    for (name, link) in [
      ("shared/link", "a symbolic link"), ("shared/dangling", "a symbolic link"),
      ("outer", "the symbolic link \(folder["shared/link"].path) behind it,"),
    ] {
      let message =
        "\(folder[name].path): found \(link) in a folder that \(shared.others) can write to, expected a file: "
        + "name what it points to instead"
      #expect(throws: UserError(.cannotCreate, message)) { try AtomicFile.write("x", to: folder[name]) }
    }
    // Files there are written, also through a link to the folder.
    try FileManager.default.createSymbolicLink(at: folder["door"], withDestinationURL: place)
    for name in ["shared/plain", "door/plain"] {
      try AtomicFile.write(name, to: folder[name])
      #expect(try InputFile.text(of: place.appendingPathComponent("plain")) == name)
    }
    #expect(try InputFile.text(of: folder["file"]) == "mine")
    #expect(try folder.names == ["door", "file", "outer", "shared"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() == [
        "dangling", "link", "plain",
      ])
  }

  @Test func aFolderThatOnesOwnGroupCanWriteToIsNotShared() throws {
    let folder = try TemporaryFolder()
    #expect(chown(folder.path, geteuid(), getegid()) == 0 && chmod(folder.path, 0o770) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder["link"].path, withDestinationPath: "file")
    try AtomicFile.write("x", to: folder["link"])
    #expect(try InputFile.text(of: folder["file"]) == "x")
  }

  @Test func sweepsOnlyTheTemporariesOfDeadProcesses() throws {
    let folder = try TemporaryFolder()
    let dead = Process()
    dead.executableURL = URL(fileURLWithPath: "/bin/true")
    try dead.run()
    dead.waitUntilExit()
    let stale = ".duel-\(dead.processIdentifier)-1x.tmp"
    // The parent of this process lives as long as it does.
    let living = ".duel-\(getppid())-2x.tmp"
    // A process that was killed had this one's number, as happens in containers.
    let reused = ".duel-\(getpid())-4x.tmp"
    let others = [".duel-x.tmp", ".duel-\(dead.processIdentifier)-3x", "b.tmp"]
    for name in [stale, living, reused] + others { try Data("x".utf8).write(to: folder[name]) }
    AtomicFile.sweepStale(in: folder.url)
    #expect(try folder.names == ([living] + others).sorted())
    AtomicFile.sweepStale(in: folder["absent"])
  }

  @Test func sparesATemporaryThatIsLocked() throws {
    let folder = try TemporaryFolder()
    // No process has this number, as when the owner lives in another container.
    let name = ".duel-\(Int32.max)-1x.tmp"
    try Data("x".utf8).write(to: folder[name])
    let descriptor = open(folder[name].path, O_RDONLY)
    #expect(flock(descriptor, LOCK_EX) == 0)
    AtomicFile.sweepStale(in: folder.url)
    #expect(try folder.names == [name])
    close(descriptor)
    AtomicFile.sweepStale(in: folder.url)
    #expect(try folder.names == [])
  }

  @Test func inputsThatCannotBeReadAreNamed() throws {
    let folder = try TemporaryFolder()
    #expect(category { _ = try InputFile.bytes(of: folder["absent"]) } == .noInput)
    #expect(category { _ = try InputFile.bytes(of: folder.url) } == .noInput)
    try Data([0xff, 0xfe]).write(to: folder["binary"])
    #expect(category { _ = try InputFile.text(of: folder["binary"]) } == .badData)
    try Data().write(to: folder["empty"])
    #expect(try InputFile.bytes(of: folder["empty"]).isEmpty)
  }
}

/// Facts about files that the tests compare with.
private enum InputFileStatus {
  static func mode(of url: URL) throws -> mode_t {
    var status = stat()
    try #require(stat(url.path, &status) == 0)
    return status.st_mode & 0o777
  }

  static func umask() throws -> mode_t {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
    return try #require(mode_t(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8))
  }
}
