import AudioDatasets
import CSndfile
import Failures
import Foundation
import TestSupport
import Testing

/// A WAV header by hand, followed by the sound.
private func wav(
  rate: UInt32 = 8000, channels: UInt16 = 1, announced: UInt32? = nil, sound: [UInt8], code: UInt16 = 1,
  bits: UInt16 = 16
) -> [UInt8] {
  func bytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
  }
  let frame = channels &* (bits / 8)
  let count = announced ?? UInt32(sound.count)
  return Array("RIFF".utf8) + bytes(count &+ 36) + Array("WAVEfmt ".utf8) + bytes(UInt32(16)) + bytes(code)
    + bytes(channels) + bytes(rate) + bytes(rate &* UInt32(frame)) + bytes(frame) + bytes(bits)
    + Array("data".utf8) + bytes(count) + sound
}

private let silence = [UInt8](repeating: 0, count: 2000)

/// A file and words of the reason for refusing it; tests show the name alone.
private struct Damage: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]
  let reason: String

  init(_ name: String, _ bytes: [UInt8], _ reason: String) {
    (testDescription, self.bytes, self.reason) = (name, bytes, reason)
  }
}

/// Files that are no sound, or damaged; each has to be named together with the reason.
@Suite struct DamagedSoundTests {
  @Test(arguments: [
    Damage("empty", [], "the file is empty"),
    Damage("text", Array("a line of text\n".utf8), "none that libsndfile reads"),
    Damage("zeros", [UInt8](repeating: 0, count: 5000), "none that libsndfile reads"),
    Damage("without-sound", wav(sound: []), "found no sound"),
    Damage("cut", wav(announced: 4000, sound: silence), "announces 4000 bytes of sound, found 2000"),
    Damage("no-rate", wav(rate: 0, sound: silence), "names a rate or a number of channels that no sound has"),
    Damage("absurd-rate", wav(rate: 768_001, sound: silence), "768001 Hz, expected 1 to 768000"),
    Damage(
      "negative-rate", wav(rate: 0xffff_fff0, sound: silence),
      "names a rate or a number of channels that no sound has"),
    Damage("no-channels", wav(channels: 0, sound: silence), "Channel count is zero"),
    Damage("many-channels", wav(channels: 65, sound: silence), "found 65 channels, expected 1 to 64"),
    Damage(
      "not-finite", wav(sound: [0, 0, 0xc0, 0x7f], code: 3, bits: 32), "found the sample NaN in frame 0"),
    Damage(
      "huge", wav(sound: [0, 0, 0, 0, 0, 0, 0, 0x7f], code: 3, bits: 32), "in frame 1, expected -1 to 1"),
  ])
  fileprivate func isNamedWithItsReason(damage: Damage) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("damaged.wav", damage.bytes)
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(error?.category == .badData)
      #expect(error?.message.hasPrefix("\(path): ") == true)
      #expect(error?.message.contains(damage.reason) == true, "\(error?.message ?? "")")
    }
  }

  @Test func absentFilesAndFoldersAreNoInput() throws {
    try withTemporaryFolder { folder in
      for path in [folder.path + "/absent.wav", folder.path, "/dev/null"] {
        let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
        #expect(error?.category == .noInput && error?.message.hasPrefix("\(path): ") == true)
      }
    }
  }

  /// Programs that write into a pipe cannot go back to fill in the length.
  @Test(arguments: [UInt32.max, 0x7fff_ffff])
  func lengthsThatARecorderDidNotKnowAreTaken(announced: UInt32) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write("pipe.wav", wav(announced: announced, sound: silence))
      #expect(try SoundFile.read(path).frameCount == 1000)
      #expect(try SoundFile.information(path).frames == 1000)
    }
  }

  @Test(arguments: [AudioFormat.wav, .wav24, .wavFloat, .flac])
  func cutFilesAreNoticed(format: AudioFormat) throws {
    try withTemporaryFolder { folder in
      let url = folder["whole"]
      let samples = (0..<20_000).map { sin(Float($0 * $0 % 977)) }
      try SoundFile.write(AudioClip(samples: samples, sampleRate: 8000), to: url, format: format)
      let bytes = try [UInt8](Data(contentsOf: url))
      let path = try folder.write("cut", Array(bytes.prefix(bytes.count * 2 / 3)))
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(error?.category == .badData && error?.message.hasPrefix("\(path): ") == true)
    }
  }

  /// The containers that Duel does not write but whose length it compares as well.
  @Test(arguments: [SF_FORMAT_AIFF, SF_FORMAT_AU, SF_FORMAT_CAF, SF_FORMAT_RF64])
  func otherCutFilesAreNoticed(container: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder["whole"]
      var info = SF_INFO()
      (info.samplerate, info.channels, info.format) = (8000, 1, Int32(container | SF_FORMAT_PCM_16))
      let file = try #require(sf_open(url.path, Int32(SFM_WRITE), &info))
      #expect(sf_writef_short(file, [Int16](repeating: 7, count: 5000), 5000) == 5000)
      #expect(sf_close(file) == 0)
      #expect(try SoundFile.read(url.path).frameCount == 5000)
      let path = try folder.write("cut", Array(Data(contentsOf: url).dropLast(2000)))
      for attempt in [{ _ = try SoundFile.read(path) }, { _ = try SoundFile.information(path) }] {
        let error = #expect(throws: UserError.self) { try attempt() }
        #expect(error?.message.contains("the file is cut off") == true, "\(error?.message ?? "")")
      }
    }
  }

  /// What writes FLAC into a pipe leaves the number of frames at zero.
  @Test func framesThatAHeaderLeavesOpenAreCounted() throws {
    try withTemporaryFolder { folder in
      let url = folder["pipe.flac"]
      let clip = AudioClip(samples: (0..<9000).map { Float($0 % 100) / 128 }, sampleRate: 8000)
      try SoundFile.write(clip, to: url, format: .flac)
      var bytes = try [UInt8](Data(contentsOf: url))
      // The last 36 of the 64 bits behind rate, channels and sample size, in the first metadata block.
      bytes[21] &= 0xf0
      bytes.replaceSubrange(22..<26, with: [0, 0, 0, 0])
      let path = try folder.write("pipe.flac", bytes)
      #expect(try SoundFile.information(path).frames == 9000)
      #expect(try SoundFile.read(path) == clip)
      #expect(try SoundFile.read(path, from: 5000, count: 10).samples == Array(clip.samples[5000..<5010]))
      #expect(try SoundFile.read(path, from: .max, count: .max).samples.isEmpty)
    }
  }
}
