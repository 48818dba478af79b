import Failures
import TestSupport
import Testing

@testable import AudioDatasets

@Suite struct MeasuredSoundTests {
  @Test func numbersAreThoseOfTheFile() throws {
    try withTemporaryFolder { folder in
      // Longer than a block, so that blocks are added up.
      let samples = (0..<300_000).map { $0 == 299_999 ? Float(-0.75) : $0 % 2 == 0 ? 0.5 : -0.25 }
      try SoundFile.write(
        AudioClip(samples: samples, channels: 2, sampleRate: 22_050), to: folder["a.wav"], format: .wavFloat)
      let sound = try MeasuredSound(contentsOf: folder["a.wav"].path)
      #expect((sound.frames, sound.channels, sound.sampleRate) == (150_000, 2, 22_050))
      #expect(sound.seconds == 150_000.0 / 22_050 && sound.peak == 0.75)
      let squares = 150_000 * 0.25 + 149_999 * 0.0625 + 0.5625
      #expect(abs(sound.meanSquare - squares / 300_000) < 1e-12)
      let sum = 150_000 * 0.5 - 149_999 * 0.25 - 0.75
      #expect(abs(sound.mean - sum / 300_000) < 1e-12)
      #expect(sound.formatName.hasPrefix("WAV") && sound.remarks == [])
    }
  }

  @Test func digestsAreThoseOfTheSamples() throws {
    try withTemporaryFolder { folder in
      let clip = AudioClip(samples: [0, 0.5, -0.25, -1], channels: 2, sampleRate: 8000)
      for format in [AudioFormat.wav, .wav24, .wavFloat, .flac] {
        try SoundFile.write(clip, to: folder["a"], format: format)
        // printf of the numbers' bytes, through sha256sum.
        #expect(
          try MeasuredSound(contentsOf: folder["a"].path).digest
            == "04bf298fea41a49cfd374af18ef0ec9dd551a9948f825224fc276fd1c7b9f7ff")
      }
    }
  }

  @Test func oneSoundWillDoAndDamagedOnesAreFaults() throws {
    try withTemporaryFolder { folder in
      try SoundFile.write(
        AudioClip(samples: [0, 0.5, 0], sampleRate: 8000), to: folder["a.wav"], format: .wavFloat)
      let bytes = try Array(
        SoundFile.bytes(
          of: AudioClip(samples: [0, 1, 0], sampleRate: 8000), format: .wav, tags: AudioTags(), name: "b"))
      try folder.write("cut.wav", Array(bytes.dropLast(3)))
      let survey = try MeasuredSound.survey(folder.path, options: AudioCorpusOptions())
      #expect(survey.entries.map(\.name) == ["a.wav"] && survey.entries.map(\.item.frames) == [3])
      #expect(survey.faults.count == 1 && survey.faults[0].message.contains("cut.wav: the file is cut off"))
      #expect(throws: survey.faults[0]) { try MeasuredSound(contentsOf: folder["cut.wav"].path) }
    }
  }
}
