import Failures
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

@Suite struct AudioCorpusTests {
  private let plain = AudioCorpusOptions(length: 100, normalisation: .none)

  @Test func filesAreReadInTheByteOrderOfTheirPaths() throws {
    try withTemporaryFolder { folder in
      let names = ["B.wav", "a/x.flac", "a/y/z.WAV", "a.wav", "é.wav"]
      for (seed, name) in names.enumerated() {
        try folder.sound(
          name, noise(100, seed: seed), format: name.hasSuffix("flac") ? .flac : .wavFloat)
      }
      try folder.sound(".hidden.wav", noise(100, seed: 9))
      try folder.write("a/notes.txt", "not a sound")
      try folder.write("index.json", "{}")
      let corpus = try AudioCorpus(path: folder.path, options: plain)
      #expect(try corpus.heldOut.all() == [noise(100, seed: 0)])
      #expect(try corpus.training.sample(at: 0, draw: 0) == noise(100, seed: 3))
      #expect(try Array(corpus.training.all()[2...]) == [noise(100, seed: 2), noise(100, seed: 4)])
      #expect(corpus.report.files == 5)
      #expect(
        corpus.report.leftOut.map { [$0.words, $0.list ?? ""] } == [
          ["2 not sound files", "a/notes.txt, index.json"], ["1 hidden", ".hidden.wav"],
        ])
      #expect(corpus.labelNames == [])
      #expect(corpus.training.labels == [nil, nil, nil, nil])
      #expect(corpus.training.waitingSeconds == 0)
    }
  }

  @Test func labelsComeFromSubfolders() throws {
    try withTemporaryFolder { folder in
      for (seed, name) in ["tom/1.wav", "tom/2.wav", "hat/1.wav", "hat/2.wav", "bell/1.wav"].enumerated() {
        try folder.sound(name, noise(100, seed: seed))
      }
      var options = plain
      options.labels = "folder"
      let corpus = try AudioCorpus(path: folder.path, options: options)
      #expect(corpus.labelNames == ["bell", "hat", "tom"])
      // The only bell is not held out; of the others the first is.
      #expect(corpus.training.labels == [0, 1, 2])
      #expect(corpus.heldOut.labels == [1, 2])
      #expect(try corpus.heldOut.all() == [noise(100, seed: 2), noise(100, seed: 0)])
      #expect(corpus.report.labelCount == 3)
      let known = try AudioCorpus(path: folder.path, options: options, labels: ["tom", "hat", "x", "bell"])
      #expect(known.labelNames == ["tom", "hat", "x", "bell"])
      #expect(known.training.labels == [3, 1, 0])
      let error = #expect(throws: UserError.self) {
        try AudioCorpus(path: folder.path, options: options, labels: ["hat", "tom"])
      }
      #expect(error?.category == .badData)
      #expect(
        error?.message
          == "\(folder.path)/bell/1.wav: found the label \"bell\", expected one of the model's: hat, tom")
      try folder.sound("stray.wav", noise(100, seed: 7))
      let stray = #expect(throws: UserError.self) { try AudioCorpus(path: folder.path, options: options) }
      #expect(stray?.message.hasPrefix("\(folder.path)/stray.wav: ") == true)
    }
  }

  @Test func holdoutFolderAndPatternReplaceTheRule() throws {
    try withTemporaryFolder { folder in
      for seed in 0..<6 { try folder.sound("data/\(seed % 2)_x_\(seed).wav", noise(100, seed: seed)) }
      try folder.sound("test/1_y_0.wav", noise(100, seed: 8))
      // The same sound as one to train on, at another place.
      try folder.sound("test/0_y_1.wav", noise(100, seed: 4))
      var options = plain
      options.labels = #"^(\d)_"#
      let separate = try AudioCorpus(
        path: folder.path + "/data", holdout: folder.path + "/test", options: options)
      #expect(try separate.heldOut.all() == [noise(100, seed: 4), noise(100, seed: 8)])
      #expect(separate.heldOut.labels == [0, 1])
      #expect(separate.training.count == 5)
      #expect(separate.report[.overlap] == 1)
      options.holdoutPattern = #"_[0-1]\.wav$"#
      let matching = try AudioCorpus(path: folder.path + "/data", options: options)
      #expect(try matching.heldOut.all() == [noise(100, seed: 0), noise(100, seed: 1)])
      #expect(matching.training.count == 4)
      #expect(throws: UserError(.usage, "--holdout-pattern: found beside --holdout, expected one of the two"))
      {
        try AudioCorpus(path: folder.path + "/data", holdout: folder.path + "/test", options: options)
      }
      options.holdoutPattern = "^0_"
      let alien = #expect(throws: UserError.self) {
        try AudioCorpus(path: folder.path + "/data", options: options)
      }
      #expect(
        alien?.message.contains("found the label \"0\", expected one of the training part's: 1") == true)
      options.holdoutPattern = "nothing"
      let none = #expect(throws: UserError.self) {
        try AudioCorpus(path: folder.path + "/data", options: options)
      }
      #expect(none?.category == .badData)
      #expect(none?.message.contains("found no file to hold out among 6 sound files") == true)
    }
  }

  @Test func validationSoundsAreNamedOrTakenFromThoseToTrainOn() throws {
    try withTemporaryFolder { folder in
      for seed in 0..<120 { try folder.sound("data/\(seed + 100).wav", noise(100, seed: seed)) }
      let ruled = try AudioCorpus(path: folder.path + "/data", options: plain)
      #expect((ruled.training.count, ruled.validation.count, ruled.heldOut.count) == (97, 11, 12))
      #expect(try ruled.validation.sample(at: 0, draw: 0) == noise(100, seed: 1))
      #expect(ruled.report.description.contains("97 samples of 100 frames to train on, 11 for validation ("))

      // Named sounds are chosen by instead, and what they have is not trained on.
      for seed in [11, 200] { try folder.sound("mine/\(seed).wav", noise(100, seed: seed)) }
      let named = try AudioCorpus(
        path: folder.path + "/data", validation: folder.path + "/mine", options: plain)
      #expect((named.training.count, named.validation.count, named.heldOut.count) == (107, 2, 12))
      #expect(named.report[.overlap] == 1 && named.fingerprint != ruled.fingerprint)
      let error = #expect(throws: UserError.self) {
        try AudioCorpus(
          path: folder.path + "/data", validation: folder.path + "/mine", holdout: folder.path + "/mine",
          options: plain)
      }
      #expect(error?.message.hasPrefix("\(folder.path)/mine: found no file to validate on") == true)
    }
  }

  @Test func theOnlyFileHasAValidationPartWhereItHasTheWindows() throws {
    try withTemporaryFolder { folder in
      let clip = noise(20_000, seed: 1)
      let path = try folder.sound("one.wav", clip)
      var options = plain
      options.slicing = .overlapping
      options.overlap = 0.5
      let corpus = try AudioCorpus(path: path, options: options)
      func windows(_ starts: StrideTo<Int>) -> [[Float]] { starts.map { Array(clip[$0..<$0 + 100]) } }
      // The boundaries are frames 16,000 and 18,000; a window that crosses one is in no part.
      #expect(try corpus.training.all() == windows(stride(from: 0, to: 15_901, by: 50)))
      #expect(try corpus.validation.all() == windows(stride(from: 16_000, to: 17_901, by: 50)))
      #expect(try corpus.heldOut.sample(at: 0, draw: 0) == Array(clip[18_000..<18_100]))
    }
  }

  @Test func repetitionsAreLeftOut() throws {
    try withTemporaryFolder { folder in
      // 0 is held out; 1 repeats it, 3 repeats 2.
      for (name, seed) in [(0, 5), (1, 5), (2, 6), (3, 6), (4, 7)] {
        try folder.sound("\(name).wav", noise(100, seed: seed))
      }
      let corpus = try AudioCorpus(path: folder.path, options: plain)
      #expect(try corpus.heldOut.all() == [noise(100, seed: 5)])
      #expect(try corpus.training.all() == [noise(100, seed: 6), noise(100, seed: 7)])
      #expect(corpus.report[.duplicate] == 1)
      #expect(corpus.report[.overlap] == 1)
    }
  }

  @Test func silentAndShortFilesAreLeftOut() throws {
    try withTemporaryFolder { folder in
      try folder.sound("a.wav", noise(150, seed: 1))
      try folder.sound("b.wav", Array(repeating: 0, count: 200))
      try folder.sound("c.wav", noise(200, seed: 3, level: 0.9e-4))
      try folder.sound("d.wav", noise(60, seed: 2))
      try folder.sound("e.wav", noise(100, seed: 4))
      // Its beginning is silent, its end is not.
      try folder.sound("f.wav", Array(repeating: 0, count: 192) + noise(64, seed: 5))
      var options = plain
      let padded = try AudioCorpus(path: folder.path, options: options)
      #expect(padded.report[Sound.silent] == 2)
      #expect(padded.report[Sound.silentSlice] == 1)
      #expect(padded.report.details[0] == ", 1 file filled up with zeros")
      #expect(
        padded.report.details[1].hasPrefix("; files of 0.01 to 0.02 seconds, half of them at most 0.01, "))
      #expect(
        try padded.training.all() == [
          noise(60, seed: 2) + Array(repeating: 0, count: 40), noise(100, seed: 4),
        ])
      options.short = .drop
      let dropped = try AudioCorpus(path: folder.path, options: options)
      #expect(dropped.report[Sound.short] == 1)
      #expect(try dropped.training.all() == [noise(100, seed: 4)])
      options.trimSilence = true
      options.length = 64
      let trimmed = try AudioCorpus(path: folder.path, options: options)
      #expect(try trimmed.training.all().last == noise(64, seed: 5))
      #expect(trimmed.report[Sound.silentSlice] == 0)
    }
  }

  @Test(arguments: [
    ([Float](repeating: 0, count: 100), "1 silent"), ([0.1, 0.2], "1 too short"), ([], "1 damaged"),
  ])
  func partsWithoutASampleAreExplained(samples: [Float], reason: String) throws {
    try withTemporaryFolder { folder in
      if samples.isEmpty {
        try folder.write("a.wav", "RIFF, but no more")
      } else {
        try folder.sound("a.wav", samples)
      }
      var options = plain
      options.short = .drop
      options.skipBad = true
      options.sampleRate = 8000
      let error = #expect(throws: UserError.self) { try AudioCorpus(path: folder.path, options: options) }
      #expect(error?.category == .badData)
      #expect(error?.message.hasPrefix("\(folder.path): found no file to train on") == true)
      #expect(error?.message.contains("left out: \(reason)") == true, "\(error?.message ?? "")")
    }
  }

  @Test func foldersWithoutSoundAreBadData() throws {
    try withTemporaryFolder { folder in
      try folder.write("a.txt", "x")
      try folder.write("b.png", "x")
      #expect(
        throws: UserError(
          .badData,
          "\(folder.path): found no sound file among 2 files, expected WAV, FLAC, Ogg, AIFF or others")
      ) { try AudioCorpus(path: folder.path, options: plain) }
      let missing = folder.path + "/none"
      #expect(throws: UserError(.noInput, "\(missing): no such file or folder")) {
        try AudioCorpus(path: missing, options: plain)
      }
      // One file is its own label's only one, so nothing is left to hold out, which is said.
      let one = try AudioCorpus(path: folder.sound("one.wav", noise(100, seed: 1)), options: plain)
      #expect(try one.training.all() == one.heldOut.all())
      #expect(one.report.description.contains("too few to hold any out"), "\(one.report.description)")
    }
  }

  @Test func theOnlyFileIsDividedWhereItHasWindows() throws {
    try withTemporaryFolder { folder in
      let clip = noise(1050, seed: 1)
      let path = try folder.sound("one.wav", clip)
      var options = plain
      options.slicing = .overlapping
      options.overlap = 0.5
      options.short = .drop
      // The boundary is frame 945: windows begin at 0, 50, ..., 950, those from 850 to 944 would cross it.
      let corpus = try AudioCorpus(path: path, options: options)
      #expect(try corpus.heldOut.all() == [Array(clip[950..<1050])])
      #expect(
        try corpus.training.all() == stride(from: 0, to: 850, by: 50).map { Array(clip[$0..<$0 + 100]) })
      #expect(corpus.report.description.contains("1 held out (the last tenth of the only file)"))
      options.length = 600
      #expect(try AudioCorpus(path: path, options: options).report.description.contains("too few to hold"))
    }
  }

  @Test func damagedFilesAreErrorsOrCounted() throws {
    try withTemporaryFolder { folder in
      for seed in 0..<3 { try folder.sound("good\(seed).wav", noise(100, seed: seed)) }
      for name in ["bad1.wav", "bad2.flac", "bad3.ogg", "hurt.mp3"] {
        try folder.write(name, "no sound at all")
      }
      let error = #expect(throws: UserError.self) { try AudioCorpus(path: folder.path, options: plain) }
      #expect(error?.category == .badData)
      #expect(error?.message.hasPrefix("\(folder.path)/bad1.wav: ") == true)
      var options = plain
      options.skipBad = true
      let corpus = try AudioCorpus(path: folder.path, options: options)
      #expect(corpus.report[Sound.words.bad] == 4)
      #expect(corpus.report.badExamples.count == 3)
      #expect(corpus.report.badExamples[1].hasPrefix("\(folder.path)/bad2.flac: "))
      #expect(corpus.report.description.contains("(left out: 4 damaged)"))
      #expect(corpus.report.description.hasSuffix("\nLeft out: 1 more damaged"))
      #expect(corpus.sampleRate == 8000)
      #expect(corpus.training.count == 2)
    }
  }

  @Test func reportSaysWhatHappened() throws {
    try withTemporaryFolder { folder in
      for seed in 0..<12 { try folder.sound("\(seed + 10).wav", noise(8000, seed: seed)) }
      try folder.sound("short.wav", noise(50, seed: 20))
      try folder.write("readme.md", "x")
      let report = try AudioCorpus(path: folder.path, options: plain).report
      #expect(
        report.description
          == "\(folder.path): 13 sound files (left out: 1 not sound files); 12 seconds of sound at "
          + "8000 Hz, mono; 11 samples of 100 frames to train on, none for validation (too few), 2 held out "
          + "(every tenth file), 1 file filled up with zeros; files of 0.01 to 1.00 seconds, half of them at most "
          + "1.00, of whose sound (energy) samples hold 8.8 %.\nLeft out, not sound files: readme.md")
    }
  }
}
