import AudioDatasets
import Failures
import Foundation
import TestSupport
import Testing

/// Two channels that differ, with full scale and silence among the values.
private func tone(frames: Int = 3000, channels: Int = 2, sampleRate: Int = 8000) -> AudioClip {
  let samples = (0..<frames * channels).map { index in
    0.7 * sin(Float(index / channels) * 0.05 * Float(index % channels + 1))
  }
  return AudioClip(samples: samples, channels: channels, sampleRate: sampleRate)
}

@Suite struct SoundFileTests {
  @Test(arguments: AudioFormat.allCases)
  func whatIsWrittenIsReadBack(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let clip = tone()
      let url = folder["tone.\(format.fileExtension)"]
      try SoundFile.write(clip, to: url, format: format)
      let back = try SoundFile.read(url.path)
      #expect(back.channels == 2 && back.sampleRate == 8000 && back.frameCount == 3000)
      let tolerance: Float =
        switch format {
        case .wavFloat: 0
        case .wav24: 0.5 / 8_388_608
        case .wav, .flac: 0.5 / 32_768
        case .ogg: 0.05
        }
      #expect(zip(clip.samples, back.samples).allSatisfy { abs($0 - $1) <= tolerance })
    }
  }

  @Test(arguments: AudioFormat.allCases)
  func equalClipsGiveEqualBytes(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let tags = AudioTags(title: "tone", software: "duel", comment: "seed 1, step 2")
      let files = try ["first", "second"].map { name in
        let url = folder[name]
        try SoundFile.write(tone(), to: url, format: format, tags: tags)
        return try Data(contentsOf: url)
      }
      #expect(files[0] == files[1])
      let names = try folder.names
      #expect(names.count == 2)
    }
  }

  /// The serial number follows the content, so that two sounds joined to one file stay two streams.
  @Test func differentOggStreamsHaveDifferentSerialNumbers() throws {
    try withTemporaryFolder { folder in
      let serials = try [3000, 3001].map { frames in
        let url = folder["\(frames).ogg"]
        try SoundFile.write(tone(frames: frames), to: url, format: .ogg)
        return try Data(contentsOf: url)[14..<18]
      }
      #expect(serials[0] != serials[1])
    }
  }

  @Test(arguments: AudioFormat.allCases)
  func tagsAreKept(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let url = folder["tagged"]
      let tags = AudioTags(title: "Trommel, gro\u{df}", software: "duel 1", comment: "seed 3, step 400")
      try SoundFile.write(tone(), to: url, format: format, tags: tags)
      let found = try SoundFile.information(url.path).tags
      #expect(found.title == tags.title && found.comment == tags.comment)
      #expect(found.software?.hasPrefix("duel 1") == true)
    }
  }

  @Test func allSixteenBitSamplesSurvive() throws {
    try withTemporaryFolder { folder in
      let samples = (-32_768...32_767).map { Float($0) / 32_768 }
      for format in [AudioFormat.wav, .flac] {
        let url = folder["codes"]
        try SoundFile.write(AudioClip(samples: samples, sampleRate: 8000), to: url, format: format)
        #expect(try SoundFile.read(url.path).samples == samples)
      }
    }
  }

  @Test(arguments: [AudioFormat.wav, .wav24, .flac])
  func integersAreRoundedAndClamped(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let scale: Float = format == .wav24 ? 8_388_608 : 32_768
      let url = folder["loud"]
      let samples = [1.25, -1.25, 1, -1, 0.4 / scale, -0.4 / scale, 0.9 / scale, -0.9 / scale]
      try SoundFile.write(AudioClip(samples: samples, sampleRate: 8000), to: url, format: format)
      let top = (scale - 1) / scale
      #expect(try SoundFile.read(url.path).samples == [top, -1, top, -1, 0, 0, 1 / scale, -1 / scale])
    }
  }

  @Test func floatingPointFilesKeepLoudSamplesAndNoTime() throws {
    try withTemporaryFolder { folder in
      let url = folder["float.wav"]
      let clip = AudioClip(samples: [1.5, -3, 1e-30, 0], sampleRate: 8000)
      try SoundFile.write(clip, to: url, format: .wavFloat)
      #expect(try SoundFile.read(url.path) == clip)
      #expect(try Data(contentsOf: url).range(of: Data("PEAK".utf8)) == nil)
    }
  }

  @Test(arguments: AudioFormat.allCases, [Float.nan, .infinity, -.infinity])
  func samplesThatAreNotFiniteAreRefused(format: AudioFormat, bad: Float) throws {
    try withTemporaryFolder { folder in
      let clip = AudioClip(samples: [0, 0, 0, bad], channels: 2, sampleRate: 8000)
      let error = #expect(throws: UserError.self) {
        try SoundFile.write(clip, to: folder["bad"], format: format)
      }
      #expect(error?.category == .badData && error?.message.contains("in frame 1") == true)
      let names = try folder.names
      #expect(names.isEmpty)
    }
  }

  @Test(
    arguments: zip(
      [AudioFormat.flac, .flac, .wav, .ogg],
      [(9, 8000), (1, 768_000), (2000, 8000), (1, 768_000)]))
  func formatsThatCannotHoldTheClipSaySo(format: AudioFormat, shape: (channels: Int, rate: Int)) throws {
    try withTemporaryFolder { folder in
      let clip = tone(frames: 100, channels: shape.channels, sampleRate: shape.rate)
      let error = #expect(throws: UserError.self) {
        try SoundFile.write(clip, to: folder["unfit"], format: format)
      }
      #expect(error?.category == .cannotCreate)
      #expect(error?.message.contains("\(format.rawValue) cannot hold \(shape.channels) channels") == true)
      let names = try folder.names
      #expect(names.isEmpty)
    }
  }

  @Test func foldersThatTakeNoFileAreNamed() throws {
    let error = #expect(throws: UserError.self) {
      try SoundFile.write(tone(), to: URL(fileURLWithPath: "/nowhere/tone.wav"))
    }
    #expect(error?.category == .cannotCreate && error?.message.contains("/nowhere/tone.wav") == true)
  }

  @Test(arguments: AudioFormat.allCases)
  func partsAreThoseOfTheWhole(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let url = folder["part"]
      try SoundFile.write(tone(frames: 20_000), to: url, format: format)
      let whole = try SoundFile.read(url.path)
      for (start, count) in [(0, 10), (1, 5000), (12_345, 678), (19_990, 100), (20_000, 5), (90_000, 1)] {
        let part = try SoundFile.read(url.path, from: start, count: count)
        let range = min(start, 20_000) * 2..<min(start + count, 20_000) * 2
        #expect(part.samples == Array(whole.samples[range]), "\(start) \(count)")
      }
    }
  }

  @Test func informationIsThatOfTheHeader() throws {
    try withTemporaryFolder { folder in
      let url = folder["tone.flac"]
      try SoundFile.write(tone(sampleRate: 11_025), to: url, format: .flac)
      let found = try SoundFile.information(url.path)
      #expect(found.frames == 3000 && found.channels == 2 && found.sampleRate == 11_025)
      #expect(found.formatName == "FLAC (Free Lossless Audio Codec), Signed 16 bit PCM")
      #expect(found.tags == AudioTags())
    }
  }

  @Test func longerFilesThanAllowedAreRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder["tone.wav"]
      try SoundFile.write(tone(), to: url)
      #expect(try SoundFile.read(url.path, maximumFrames: 3000).frameCount == 3000)
      let error = #expect(throws: UserError.self) { try SoundFile.read(url.path, maximumFrames: 2999) }
      #expect(error?.message == "\(url.path): found 3000 frames, expected at most 2999")
    }
  }
}
