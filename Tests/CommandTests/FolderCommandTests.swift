import Foundation
import TestSupport
import Testing

/// What `train` says of a folder before it trains on it.
@Suite struct FolderCommandTests {
  @Test func whatAFolderHoldsIsSaid() throws {
    try withTemporaryFolder { folder in
      func names(_ part: String, _ count: Int) -> String {
        (0..<count).map { "\(part)\($0)\n" }.joined()
      }
      try folder.write("data/train/french/a.txt", names("f", 20))
      try folder.write("data/test/french/b.txt", names("g", 3))
      try folder.write("elsewhere/c.txt", names("c", 20))
      try FileManager.default.createSymbolicLink(
        atPath: folder["data/train/czech"].path, withDestinationPath: "../../elsewhere")
      try FileManager.default.createSymbolicLink(
        atPath: folder["data/train/round"].path, withDestinationPath: "..")
      for name in ["README.md", "__MACOSX/._a.txt", ".hidden", "stray.txt"] {
        try folder.write("data/\(name)", "x\n")
      }
      let ending = try Command(
        "duel",
        [
          "text", "train", "--data", "data", "--labels", "folder", "--preset", "tiny", "--steps", "1",
          "--warm-up-steps", "1", "--batch", "4", "--preview-every", "0", "--threads", "1", "--out", "run",
        ], in: folder.url
      ).ending()
      #expect(ending.code == 0, "\(ending.remarks)")
      for words in [
        "data: 43 lines in 3 files (1 about the data, not of it, 1 hidden, 1 of the operating system's, "
          + "1 link to a folder around it, 1 in neither train, val nor test); 40 samples to train on, ",
        ", 3 held out (those in test), the longest", ", 2 labels (czech, french).\n",
        "\nLeft out, about the data, not of it: README.md\n", "\nLeft out, hidden: .hidden\n",
        "\nLeft out, of the operating system's: __MACOSX/\n",
        "\nLeft out, link to a folder around it: train/round/\n",
        "\nLeft out, in neither train, val nor test: stray.txt\n",
      ] {
        #expect(ending.remarks.contains(words), "\(ending.remarks)")
      }
    }
  }
}
