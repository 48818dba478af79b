import Corpora
import Failures
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

@Suite struct SoundFolderTests {
  private let plain = AudioCorpusOptions(length: 100, normalisation: .none, labels: "folder")

  @Test(arguments: [
    ["train/kick/1.wav", "train/hat/2.wav", "test/kick/3.wav", "val/hat/4.wav"],
    ["kick/train/1.wav", "hat/train/2.wav", "kick/test/3.wav", "hat/val/4.wav"],
  ])
  func foldersOfASplitAreNoLabels(names: [String]) throws {
    try withTemporaryFolder { folder in
      for (seed, name) in names.enumerated() { try folder.sound(name, noise(100, seed: seed)) }
      try folder.sound("other/5.wav", noise(100, seed: 9))
      let corpus = try AudioCorpus(path: folder.path, options: plain)
      #expect(corpus.labelNames == ["hat", "kick"])
      #expect(Set(try corpus.training.all()) == [noise(100, seed: 0), noise(100, seed: 1)])
      #expect(try corpus.heldOut.all() == [noise(100, seed: 2)] && corpus.heldOut.labels == [1])
      #expect(try corpus.validation.all() == [noise(100, seed: 3)] && corpus.validation.labels == [0])
      let text = corpus.report.description
      #expect(text.contains("1 for validation (apart), 1 held out (those in test), 2 labels (hat, kick)."))
      #expect(text.hasSuffix("\nLeft out, in neither train, val nor test: other/5.wav"))
    }
  }

  @Test func whatIsLeftOutIsNamedByReason() throws {
    try withTemporaryFolder { folder in
      for seed in 0..<3 { try folder.sound("a/\(seed).wav", noise(100, seed: seed)) }
      for name in ["a/4.wav", "a/5.wav", "a/6.wav", "a/7.wav"] {
        try folder.sound(name, Array(repeating: 0, count: 100))
      }
      try folder.sound("a/8.wav", noise(100, seed: 1))
      for name in ["__MACOSX/a/._0.wav", "a/._0.wav", "README.md", "a/x.m4a", "a/y.m4a", "a/z.WMA"] {
        try folder.write(name, name)
      }
      try folder.sound("elsewhere/9.wav", noise(100, seed: 9))
      try FileManager.default.createSymbolicLink(
        atPath: folder["linked"].path, withDestinationPath: folder["elsewhere"].path)
      let report = try AudioCorpus(path: folder.path, options: plain).report
      #expect(
        report.leftOut.map { "\($0.words): \($0.names)" } == [
          #"4 silent: ["a/4.wav", "a/5.wav", "a/6.wav"]"#,
          #"1 duplicate: ["a/8.wav"]"#,
          #"1 not sound files: ["README.md"]"#,
          #"2 MPEG-4 files (ffmpeg -i NAME.m4a NAME.wav converts one): ["a/x.m4a", "a/y.m4a"]"#,
          #"1 Windows Media file (ffmpeg -i NAME.wma NAME.wav converts it): ["a/z.WMA"]"#,
          #"2 of the operating system's: ["__MACOSX/", "a/._0.wav"]"#,
        ])
      #expect(report.labelNames == ["a", "elsewhere", "linked"])
      #expect(report.description.contains("\nLeft out, silent: a/4.wav, a/5.wav, a/6.wav and 1 more\n"))
    }
  }

  @Test func soundsThatCannotBeReadAreNamedAsWhatTheyAre() throws {
    try withTemporaryFolder { folder in
      let mp4 = [0, 0, 0, 0x20] + Array("ftypM4A \0\0\0\0".utf8) + Array(repeating: 0, count: 64)
      let adts = Array(repeating: [0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc, 0x21] as [UInt8], count: 20)
      let cases: [(name: String, bytes: [UInt8], words: String)] = [
        (
          "my song.m4a", mp4,
          "found MPEG-4, which libsndfile does not read; ffmpeg -i 'PATH/my song.m4a' 'PATH/my song.wav' converts it"
        ),
        (
          "a.wav", mp4,
          "found MPEG-4, which libsndfile does not read; ffmpeg -i PATH/a.wav PATH/a-converted.wav converts it"
        ),
        (
          "b.aac", adts.flatMap(\.self),
          "found AAC, which libsndfile does not read; ffmpeg -i PATH/b.aac PATH/b.wav converts it"
        ),
        ("c.wma", [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11] + adts[0], "found Windows Media"),
        ("d.webm", [0x1a, 0x45, 0xdf, 0xa3] + adts[0], "found Matroska or WebM"),
        ("e.ape", Array("nothing".utf8), "found Monkey's Audio"),
      ]
      for (name, bytes, words) in cases {
        let path = try folder.write(name, bytes)
        let error = #expect(throws: UserError.self) {
          try AudioCorpus(path: path, options: AudioCorpusOptions())
        }
        let expected = "\(path): \(words.replacingOccurrences(of: "PATH", with: folder.path))"
        #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "")")
      }
      try FileManager.default.removeItem(at: folder["a.wav"])
      let error = #expect(throws: UserError.self) { try AudioCorpus(path: folder.path, options: plain) }
      #expect(
        error?.message.contains(
          "found no sound file among 5 files (1 AAC file (ffmpeg -i NAME.aac NAME.wav converts it): b.aac; 1 "
        ) == true,
        "\(error?.message ?? "")")
    }
  }
}
