import AudioDatasets
import Files
import Foundation
import TestSupport
import Testing
import Torch

/// A folder with sounds of two labels and with what is no good.
private func workplace() throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  func tone(_ name: String, seed: UInt64) throws {
    var stream = RandomStream(seed: seed, name: "tone")
    let samples = try (stream.uniform([1200]) - 0.5).array(of: Float.self)
    try SoundFile.write(AudioClip(samples: samples, sampleRate: 8000), to: folder[name])
  }
  for name in ["sounds", "damaged", "empty", "texts"] {
    try FileManager.default.createDirectory(at: folder[name], withIntermediateDirectories: false)
  }
  for number in 0..<24 { try tone("sounds/\(number / 12)_\(number % 12).wav", seed: UInt64(number)) }
  for number in 0..<4 { try tone("damaged/\(number).wav", seed: UInt64(number)) }
  try AtomicFile.write(to: folder["damaged/bad.wav"]) { try $0.write((0..<200).map { UInt8($0) }) }
  try AtomicFile.write("hello\n", to: folder["texts/a.txt"])
  return folder
}

private func audio(_ words: [String], in folder: TemporaryFolder) throws -> Command.Ending {
  try Command("duel", ["audio"] + words, in: folder.url).ending()
}

/// Words of a training of three steps.
private func audioTraining(_ run: String, _ words: [String] = []) -> [String] {
  [
    "train", "--data", "sounds", "--holdout-pattern", #"_[0-5]\.wav$"#, "--preset", "tiny", "--length",
    "1024",
    "--batch", "4", "--steps", "3", "--threads", "1", "--quiet", "--out", run,
  ] + words
}

/// The medium of sounds, through the executable that users get.
@Suite struct AudioCommandTests {
  @Test func fromTrainingToSounds() throws {
    let folder = try workplace()
    for words in [audioTraining("plain"), audioTraining("run", ["--labels", #"^(\d)_"#])] {
      let trained = try audio(words, in: folder)
      try #require(trained.code == 0, "\(trained.remarks)")
    }
    #expect(try SoundFile.read(folder["run/previews/step-00000003/samples.wav"].path).frameCount == 17_440)

    let words = ["generate", "run", "--count", "3", "--label", "each", "--threads", "1", "--json"]
    let generated = try audio(words, in: folder)
    #expect(generated.code == 0, "\(generated.remarks)")
    let names = ["clips/0000-0.wav", "clips/0001-1.wav", "clips/0002-0.wav"]
    #expect(try generated.json[dotted: "files"] == .array(names.map { .string($0) }))
    let first = try names.map { try InputFile.bytes(of: folder[$0]) }
    #expect(try audio(words, in: folder).code == 0)
    #expect(try names.map { try InputFile.bytes(of: folder[$0]) } == first)

    let info = try audio(["info", "run", "--json"], in: folder)
    #expect(try info.json[dotted: "modality"] == .string("audio"))

    let walk = try audio(
      [
        "interpolate", "run", "--seeds", "1,2,3", "--steps", "2", "--gap", "0.01", "--label", "1", "--out",
        "w.wav",
      ],
      in: folder)
    #expect(walk.code == 0, "\(walk.remarks)")
    #expect(walk.remarks.contains("5 sounds of step 3 in w.wav"))
    #expect(try SoundFile.read(folder["w.wav"].path).frameCount == 5 * 1024 + 4 * 80)

    try musicians(in: folder)

    let measured = try audio(
      ["evaluate", "plain", "--count", "12", "--threads", "1", "--listen", "page", "--json"], in: folder)
    #expect(measured.code == 0, "\(measured.remarks)")
    guard case .array(let rows) = try measured.json[dotted: "rows"] else {
      Issue.record("no rows")
      return
    }
    // Held-out, the model, before its game, held-out by way of codes, the mixture.
    #expect(rows.count == 5)
    #expect(measured.result.contains("To listen to: page/index.html."))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["page"].path).count == 5)

    try refusals(in: folder)
  }

  /// A kit, the like of a sound, and variations.
  private func musicians(in folder: TemporaryFolder) throws {
    let kit = try audio(
      ["export", "run", "--kit", "kit", "--velocities", "2", "--round-robins", "1", "--threads", "1"],
      in: folder)
    #expect(kit.code == 0 && kit.result.isEmpty, "\(kit.remarks)")
    #expect(kit.remarks.contains("4 sounds of step 3 on 2 keys, loudness -"), "\(kit.remarks)")
    let text = try InputFile.text(of: folder["kit/kit.sfz"])
    #expect(
      text.contains(
        "key=37\n<region> lovel=1 hivel=63 seq_length=1 seq_position=1 sample=samples/37-1-1-1.wav"))
    #expect(
      try SoundFile.information(folder["kit/samples/36-0-2-1.wav"].path).tags.comment == "seed 0, step 3")

    let like = try audio(
      [
        "generate", "run", "--like", "sounds/1_3.wav", "--search", "16", "--count", "1", "--label", "1",
        "--out", "like",
      ],
      in: folder)
    #expect(like.code == 0 && like.remarks.contains("two training clips, label 1: "), "\(like.remarks)")
    #expect(like.remarks.contains("1 samples of step 3 in like/0000-1.wav"), "\(like.remarks)")

    let varied = try audio(
      [
        "generate", "run", "--vary", "2", "--spread", "0.2", "--loudness", "-30", "--json", "--out", "varied",
      ],
      in: folder)
    #expect(varied.code == 0, "\(varied.remarks)")
    #expect(try varied.json[dotted: "count"] == .int(2))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["varied"].path).count == 2)
    for name in ["kit", "like", "varied"] { try FileManager.default.removeItem(at: folder[name]) }
  }

  /// Mistakes with a run that is there.
  private func refusals(in folder: TemporaryFolder) throws {
    let text = try Command(
      "duel",
      ["text", "train", "--preset", "tiny", "--steps", "2", "--batch", "4", "--quiet", "--out", "words"],
      in: folder.url
    ).ending()
    try #require(text.code == 0, "\(text.remarks)")
    let before = try folder.names
    let refused: [(words: String, code: Int32, message: String)] = [
      ("generate run --label z", 64, "--label z: no such label; known: 0, 1, or each"),
      ("generate plain --label each", 64, "--label each: no such label; known: none"),
      ("generate run --count 0", 64, "--count 0: expected at least 1"),
      ("generate run --format mp3", 64, "The value 'mp3' is invalid for '--format"),
      ("generate run --concat --count 10001", 64, "--concat: found 10001 sounds"),
      ("generate run --out /proc/clips", 73, "/proc/clips: cannot make the folder"),
      ("generate run --out run/run.json", 73, "run/run.json: cannot make the folder"),
      ("generate run --like missing.wav", 66, "missing.wav: "),
      ("generate run --like texts/a.txt", 65, "texts/a.txt: "),
      ("evaluate run --listen sounds", 73, "sounds: "),
      ("evaluate run --listen-count 3", 64, "--listen-count: expected --listen beside it"),
      ("generate run --phase-iterations 10001", 64, "--phase-iterations 10001: expected 0 to 10000"),
      ("generate run --vary 2 --spread 2", 64, "--spread 2.0: expected 0 to 1"),
      ("generate run --loudness 1", 64, "--loudness 1.0: expected -60 to 0 LUFS"),
      ("export run", 64, "Missing expected argument '--kit <folder>'"),
      ("export run --kit sounds", 73, "sounds: found 0_0.wav in it, expected a new or an empty folder"),
      ("export run --kit /proc/kit", 73, "/proc/kit: cannot make the folder"),
      ("export run --kit kit --velocities 0", 64, "--velocities 0: expected 1 to 127"),
      ("export run --kit kit --round-robins 101", 64, "--round-robins 101: expected 1 to 100"),
      ("export words --kit kit", 65, "modality text, audio expected"),
      ("generate words", 65, "modality text, audio expected"),
      ("evaluate words", 65, "modality text, audio expected"),
      ("interpolate words", 65, "modality text, audio expected"),
      ("info words", 65, "modality text"),
      ("train --resume --out words", 65, "modality text"),
      ("interpolate run --seeds 1", 64, "--seeds 1: expected at least two"),
      ("interpolate run --seeds 1,x", 64, "--seeds 1,x: expected whole numbers"),
      ("interpolate run --steps 0", 64, "--steps 0: expected 1 to 1000"),
      ("interpolate run --gap=-1", 64, "--gap -1.0: expected 0 to 60 seconds"),
      ("interpolate run --label each", 64, "--label each: expected one label"),
      ("interpolate run --label z", 64, "--label z: no such label"),
      ("interpolate run --out /proc/walk.wav", 73, "/proc/walk.wav: cannot create the file"),
      ("interpolate missing", 66, "missing: found nothing there"),
      (
        "evaluate run --count 12 --beside plain", 65,
        "--beside plain: found 1024 samples at 8000 Hz, channels: 1, no labels, expected the model's"
      ),
      ("evaluate run --count 12 --beside missing", 66, "missing: found nothing there"),
      ("evaluate plain --data texts", 65, "texts: found no sound file among 1 files"),
      ("evaluate plain --count 12 --data damaged", 65, "damaged/bad.wav: "),
    ]
    for (words, code, message) in refused {
      let ending = try audio(words.split(separator: " ").map(String.init), in: folder)
      #expect(ending.code == code, "\(words): \(ending.remarks)")
      #expect(ending.remarks.hasPrefix("Error: "), "\(words): \(ending.remarks)")
      #expect(ending.remarks.contains(message), "\(words): \(ending.remarks)")
      #expect(ending.result.isEmpty, "\(words)")
      #expect(try folder.names == before, "\(words)")
    }
  }

  @Test(
    arguments: [
      ("--labels (", 64, "--labels: found '(', expected a regular expression"),
      ("--labels ^x", 65, "found no label in the file's name, expected a match of '^x'"),
      (#"--labels ^\d_"#, 64, #"--labels: found '^\d_' without a group"#),
      ("--labels folder", 65, "found a file outside of any subfolder"),
      ("--holdout-pattern [", 64, "--holdout-pattern: found '[', expected a regular expression"),
      ("--holdout-pattern zzz", 65, "sounds: found no file to hold out among 24 sound files"),
      ("--holdout texts --holdout-pattern x", 64, "--holdout-pattern: found beside --holdout"),
      ("--holdout missing", 66, "missing: no such file or folder"),
      ("--data missing", 66, "missing: no such file or folder"),
      ("--data empty", 65, "empty: found no sound file among 0 files"),
      ("--data texts", 65, "texts: found no sound file among 1 files"),
      ("--data texts/a.txt", 65, "texts/a.txt: expected a sound file"),
      ("--data damaged", 65, "damaged/bad.wav: expected a sound file"),
      ("--data damaged/bad.wav --skip-bad", 65, "damaged/bad.wav: "),
      (
        "--network modern --length 1000", 64,
        "--length: data.length: found 1000, expected a multiple of 128"
      ),
      ("--length 100", 64, "--length: data.length: found 100, expected 256 to 4194304"),
      ("--network classic --length 1000", 64, "--length: data.length: found 1000, expected 16 · 4^k"),
      ("--network nonsense", 64, "The value 'nonsense' is invalid for '--network"),
      (
        "--augment-gain 2", 64,
        "--augment-gain: changes nothing in spectral networks; choose others with --network"
      ),
      ("--network modern --width 3", 64, "--width: changes nothing in modern networks"),
      ("--network classic --width 0", 64, "--width: classic.width: found 0"),
      ("--network classic --post-filter 0", 64, "--post-filter: classic.postFilter: found 0"),
      ("--network classic --phase-shuffle 16", 64, "--phase-shuffle: classic.phaseShuffle: found 16"),
      ("--sample-rate 0", 64, "--sample-rate: data.sampleRate: found 0, expected 1000 to 384000"),
      ("--channels 0", 64, "--channels: data.channels: found 0, expected 1 to 8"),
      ("--overlap 1", 64, "--overlap: data.overlap: found 1.0, expected 0.0 to 0.95"),
      ("--normalize x", 64, "The value 'x' is invalid for '--normalize"),
      ("--slice x", 64, "The value 'x' is invalid for '--slice"),
      ("--short x", 64, "The value 'x' is invalid for '--short"),
      (
        "--network modern --augment-shift=-1", 64,
        "--augment-shift: discriminator.augmentation.shift: found -1.0"
      ),
      (
        "--network modern --augment-gain 100", 64,
        "--augment-gain: discriminator.augmentation.gain: found 100.0"
      ),
      ("--out /proc/run", 73, "/proc/run: cannot make the folder"),
      ("--out texts", 73, "texts: found a.txt in it, expected a new or an empty folder"),
    ] as [(String, Int32, String)])
  func trainRefuses(_ words: String, _ code: Int32, _ message: String) throws {
    let folder = try workplace()
    let before = try folder.names
    let ending = try audio(
      ["train", "--data", "sounds", "--preset", "tiny", "--steps", "2", "--length", "1024", "--quiet"]
        + (words.contains("--out") ? [] : ["--out", "run"]) + words.split(separator: " ").map(String.init),
      in: folder)
    #expect(ending.code == code, "\(ending.remarks)")
    #expect(ending.remarks.hasPrefix("Error: ") && ending.remarks.contains(message), "\(ending.remarks)")
    #expect(ending.result.isEmpty)
    #expect(try folder.names == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["texts"].path) == ["a.txt"])
  }

  @Test func damagedFilesCanBeLeftOut() throws {
    let folder = try workplace()
    let ending = try audio(
      [
        "train", "--data", "damaged", "--skip-bad", "--preset", "tiny", "--length", "1024", "--batch", "2",
        "--steps", "1", "--threads", "1", "--out", "run",
      ], in: folder)
    #expect(ending.code == 0, "\(ending.remarks)")
    #expect(ending.remarks.contains("damaged: 5 sound files"), "\(ending.remarks)")
    #expect(ending.remarks.contains("bad.wav"), "\(ending.remarks)")
  }

  @Test func theBuiltInDrumsTakeNoHoldout() throws {
    let folder = try workplace()
    let ending = try audio(["train", "--preset", "tiny", "--steps", "1", "--holdout", "sounds"], in: folder)
    #expect(ending.code == 64)
    #expect(ending.remarks.contains("--holdout: expected --data beside it"), "\(ending.remarks)")
  }
}
