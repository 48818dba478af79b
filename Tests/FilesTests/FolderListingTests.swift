import Failures
import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FolderListingTests {
  @Test func oneFileIsListedByItsName() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("x", to: folder["a.txt"])
    let listing = try FolderListing(folder["a.txt"].path)
    #expect(listing.names == ["a.txt"])
    #expect(listing.files == [folder["a.txt"].path])
    #expect(!listing.isFolder)
  }

  @Test func folderIsListedBelowItself() throws {
    let folder = try TemporaryFolder()
    let path = folder["a.txt"].deletingLastPathComponent().path
    #expect(try FolderListing(path).names == [])
    try AtomicFile.write("x", to: folder["b.txt"])
    try AtomicFile.write("x", to: folder["B.txt"])
    try AtomicFile.write("x", to: folder[".hidden"])
    let listing = try FolderListing(path + "/")
    #expect(leftOut(listing) == [".hidden hidden"])
    #expect(listing.names == ["B.txt", "b.txt"])
    #expect(listing.files == [path + "/B.txt", path + "/b.txt"])
    #expect(listing.isFolder)
  }

  private func link(_ folder: TemporaryFolder, _ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder[name].path, withDestinationPath: target)
  }

  private func leftOut(_ listing: FolderListing) -> [String] {
    listing.leftOut.map { "\($0.name) \($0.reason)" }
  }

  @Test func linksAreFollowedUnlessTheyLeadBack() throws {
    try withTemporaryFolder { folder in
      try folder.write("elsewhere/deep/a.txt", "a")
      try folder.write("data/real/b.txt", "b")
      try link(folder, "data/linked", to: "../elsewhere")
      try link(folder, "data/file.txt", to: "real/b.txt")
      try link(folder, "data/real/again", to: folder["elsewhere/deep"].path)
      let whole = [
        "file.txt", "linked/deep/a.txt", "real/again/a.txt", "real/b.txt",
      ]
      #expect(try FolderListing(folder["data"].path).names == whole)
      // Back to itself, to the first folder, to one above it, and by way of each other.
      try link(folder, "data/real/self", to: ".")
      try link(folder, "data/up", to: "..")
      try link(folder, "elsewhere/back", to: "../data")
      try link(folder, "data/gone", to: "nowhere")
      try link(folder, "data/round", to: "round")
      let listing = try FolderListing(folder["data"].path)
      #expect(listing.names == whole)
      #expect(
        leftOut(listing) == [
          "gone dangling", "linked/back/ loop", "real/self/ loop", "round dangling", "up/ loop",
        ])
      // The folder itself may be named by a link.
      try link(folder, "name", to: "data")
      #expect(try FolderListing(folder["name"].path).names == whole)
      #expect(try String(contentsOfFile: FolderListing(folder["name"].path).files[1], encoding: .utf8) == "a")
    }
  }

  @Test func linksInManyWaysEnd() throws {
    try withTemporaryFolder { folder in
      // Two links in each of forty folders: 2^40 ways.
      for level in 0..<40 {
        try folder.write("\(level)/x", "x")
        for name in ["a", "b"] { try link(folder, "\(level)/\(name)", to: "../\(level + 1)") }
      }
      let error = #expect(throws: UserError.self) { try FolderListing(folder["0"].path) }
      #expect(error?.category == .badData)
      #expect(
        error?.message.contains("found links that lead to the same folders more than 100000 times") == true)
    }
  }

  @Test func whatIsPassedOverIsListedWithTheReason() throws {
    try withTemporaryFolder { folder in
      for name in [
        "a.txt", "b/c.txt", ".hidden", ".git/config", "b/.keep", "__MACOSX/b/._c.txt", "b/._c.txt",
        ".DS_Store",
        "b/Thumbs.db", "desktop.ini",
      ] { try folder.write(name, "x") }
      #expect(mkfifo(folder["pipe"].path, 0o600) == 0)
      let listing = try FolderListing(folder.path)
      #expect(listing.names == ["a.txt", "b/c.txt"])
      #expect(
        leftOut(listing) == [
          ".DS_Store system", ".git/ hidden", ".hidden hidden", "__MACOSX/ system", "b/._c.txt system",
          "b/.keep hidden", "b/Thumbs.db system", "desktop.ini system", "pipe special",
        ])
    }
  }

  @Test func namesThatAreNotUTF8AreCounted() throws {
    try withTemporaryFolder { folder in
      try folder.write("caf\u{e9}.txt", "x")
      // Latin-1, which macOS does not take for a name.
      func path(_ bytes: [UInt8]) -> [CChar] {
        (Array(folder.path.utf8) + bytes + [0]).map { CChar(bitPattern: $0) }
      }
      let name = [0x2f, 0x63, 0x61, 0x66, 0xe9] as [UInt8]
      guard mkdir(path(name), 0o700) == 0 else { return }
      for rest in ["/a.txt", "/b.txt", ".txt"] {
        let descriptor = open(path(name + Array(rest.utf8)), O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
      }
      let listing = try FolderListing(folder.path)
      #expect(listing.names == ["caf\u{e9}.txt"])
      #expect(
        leftOut(listing) == [
          "caf\u{fffd}.txt undecodable", "caf\u{fffd}/a.txt undecodable", "caf\u{fffd}/b.txt undecodable",
        ])
    }
  }

  @Test func whatIsNotThereIsNoInput() throws {
    let folder = try TemporaryFolder()
    let path = folder["none"].path
    #expect(throws: UserError(.noInput, "\(path): no such file or folder")) { try FolderListing(path) }
  }
}
