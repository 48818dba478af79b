import Failures
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
    #expect(listing.names == ["B.txt", "b.txt"])
    #expect(listing.files == [path + "/B.txt", path + "/b.txt"])
    #expect(listing.isFolder)
  }

  @Test func whatIsNotThereIsNoInput() throws {
    let folder = try TemporaryFolder()
    let path = folder["none"].path
    #expect(throws: UserError(.noInput, "\(path): no such file or folder")) { try FolderListing(path) }
  }
}
