import CSndfile
import Failures
import Files
import Foundation
import TestSupport
import Testing

@testable import AudioDatasets

/// What is in files beside the sound that is read is named, or the file is refused.
@Suite struct SoundRemarkTests {
  /// A file of some kind as libsndfile writes it; nil where it cannot.
  private func file(
    _ format: Int, _ samples: [Float], rate: Int32 = 8000, in folder: TemporaryFolder
  ) throws -> [UInt8]? {
    var info = SF_INFO()
    (info.samplerate, info.channels, info.format) = (rate, 1, Int32(format))
    guard let file = sf_open(folder["plain"].path, Int32(SFM_WRITE), &info) else { return nil }
    #expect(sf_writef_float(file, samples, Int64(samples.count)) == samples.count)
    #expect(sf_close(file) == 0)
    return try [UInt8](Data(contentsOf: folder["plain"]))
  }

  private func little(_ value: Int, bytes: Int = 4) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let formats = [
    SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_RF64 | SF_FORMAT_PCM_16, SF_FORMAT_W64 | SF_FORMAT_PCM_16,
    SF_FORMAT_AIFF | SF_FORMAT_PCM_16, SF_FORMAT_AU | SF_FORMAT_PCM_16,
    SF_FORMAT_AU | SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE, SF_FORMAT_CAF | SF_FORMAT_PCM_16,
    SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
    0x23_0000 | 0x82,
  ]

  @Test(arguments: formats) func bytesBehindTheSoundAreNamedAndTagsAreNot(format: Int) throws {
    try withTemporaryFolder { folder in
      guard let bytes = try file(format, noise(5000, seed: 1), in: folder) else { return }
      let whole = try SoundFile.read(folder["plain"].path)
      #expect(try SoundFile.remarks(folder["plain"].path) == [])
      let first = Array("TAG".utf8) + Array(repeating: 0x20, count: 125)
      let second: [UInt8] = Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, 20] + Array(repeating: 7, count: 20)
      let ape =
        Array("APETAGEX".utf8) + little(2000) + little(40) + little(1) + little(0) + little(0, bytes: 8)
      for tags in [first, second, second + first, Array(repeating: 1, count: 8) + ape + first] {
        let path = try folder.write("a", bytes + tags)
        #expect(try SoundFile.read(path) == whole)
        #expect(try SoundFile.remarks(path) == [])
      }
      for others in [[UInt8](repeating: 0, count: 500), (0..<500).map { UInt8($0 * 7 & 0xff) }] {
        let path = try folder.write("a", bytes + others)
        if others[1] != 0, format & SF_FORMAT_TYPEMASK == SF_FORMAT_CAF {
          // In CAF they would be a chunk beyond the end.
          #expect(throws: UserError.self) { try SoundFile.read(path) }
          continue
        }
        #expect(try SoundFile.read(path) == whole)
        #expect(try SoundFile.remarks(path) == [.otherBytes])
        #expect(try SoundFile.remarks(folder.write("a", bytes + others + first)) == [.otherBytes])
      }
    }
  }

  @Test(
    arguments: formats + [
      SF_FORMAT_VOC | SF_FORMAT_PCM_16, SF_FORMAT_SVX | SF_FORMAT_PCM_16, SF_FORMAT_NIST | SF_FORMAT_PCM_16,
      SF_FORMAT_NIST | SF_FORMAT_ALAW, SF_FORMAT_MAT4 | SF_FORMAT_PCM_16, SF_FORMAT_MAT4 | SF_FORMAT_DOUBLE,
      SF_FORMAT_MAT5 | SF_FORMAT_FLOAT, SF_FORMAT_AVR | SF_FORMAT_PCM_16, SF_FORMAT_MPC2K | SF_FORMAT_PCM_16,
      SF_FORMAT_WVE | SF_FORMAT_ALAW,
    ])
  func missingEndsAreNamedOrRefused(format: Int) throws {
    try withTemporaryFolder { folder in
      guard let bytes = try file(format, noise(5000, seed: 1), in: folder) else { return }
      #expect(try SoundFile.read(folder["plain"].path).frameCount >= 5000)
      // A frame of an MP3 has some hundred bytes, what libsndfile appends to others some dozens.
      for share in [0.6, 0.8, 0.95] {
        let path = try folder.write("a", Array(bytes.prefix(Int(Double(bytes.count) * share))))
        do {
          _ = try MeasuredSound(contentsOf: path)
          #expect(try SoundFile.remarks(path) == [.missingEnd])
        } catch let error as UserError {
          #expect(error.message.hasPrefix(path))
        }
      }
    }
  }

  @Test(arguments: [SF_FORMAT_SDS | SF_FORMAT_PCM_16, SF_FORMAT_PAF | SF_FORMAT_PCM_24])
  func whatTheLibraryDecodesWrongIsRefused(format: Int) throws {
    try withTemporaryFolder { folder in
      guard try file(format, noise(5000, seed: 1), in: folder) != nil else { return }
      let path = folder["plain"].path
      let error = #expect(throws: UserError.self) { try SoundFile.read(path) }
      #expect(error?.category == .badData && error?.message.hasPrefix("\(path): found ") == true)
    }
  }

  @Test func ofSeveralChunksOfSamplesTheFirstIsRead() throws {
    try withTemporaryFolder { folder in
      for format in [SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAVEX | SF_FORMAT_PCM_24] {
        let bytes = try #require(try file(format, noise(500, seed: 1), in: folder))
        let whole = try SoundFile.read(folder["plain"].path)
        let second = Array("data".utf8) + little(120) + Array(repeating: 9, count: 120)
        let path = try folder.write("a", bytes + second)
        #expect(try SoundFile.read(path) == whole)
        #expect(try SoundFile.remarks(path) == [.otherSound])
      }
    }
  }

  @Test func aPartOfAFrameIsNamed() throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(
        try file(SF_FORMAT_WAV | SF_FORMAT_PCM_24, noise(100, seed: 1), in: folder))
      let data = try #require(bytes.firstRange(of: Array("data".utf8))).upperBound
      bytes.replaceSubrange(data..<data + 4, with: little(302))
      let path = try folder.write("a", bytes + [1, 2])
      #expect(try SoundFile.read(path).frameCount == 100)
      #expect(try SoundFile.remarks(path) == [.partOfFrame])
    }
  }

  @Test(arguments: ["JUNK", "iXML", "PAD "])
  func chunksBeforeTheSoundOfRF64ArePassedOver(name: String) throws {
    try withTemporaryFolder { folder in
      var bytes = try #require(
        try file(SF_FORMAT_RF64 | SF_FORMAT_PCM_16, noise(500, seed: 1), in: folder))
      let whole = try SoundFile.read(folder["plain"].path)
      let data = try #require(bytes.firstRange(of: Array("data".utf8))).lowerBound
      bytes.insert(contentsOf: Array(name.utf8) + little(5) + Array("INFO\0\0".utf8), at: data)
      let path = try folder.write("a", bytes)
      #expect(try SoundFile.read(path) == whole)
      #expect(try SoundFile.remarks(path) == [])
    }
  }

  @Test func tagsInFrontOfW64ArePassedOver() throws {
    try withTemporaryFolder { folder in
      let bytes = try #require(
        try file(SF_FORMAT_W64 | SF_FORMAT_PCM_16, noise(501, seed: 1), in: folder))
      let tag: [UInt8] = Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, 20] + Array(repeating: 7, count: 20)
      #expect(
        try SoundFile.read(folder.write("a", tag + bytes)) == SoundFile.read(folder["plain"].path))
      #expect(try SoundFile.read(folder["plain"].path).frameCount == 501)
    }
  }

  @Test func allStreamsOfFLACAreRead() throws {
    try withTemporaryFolder { folder in
      let format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16
      guard let first = try file(format, noise(9000, seed: 1), in: folder) else { return }
      let start = try SoundFile.read(folder["plain"].path)
      let second = try #require(try file(format, noise(700, seed: 2), in: folder))
      let path = try folder.write("a", first + second)
      let rest = try SoundFile.read(folder["plain"].path)
      #expect(try SoundFile.read(path).samples == start.samples + rest.samples)
      #expect(try SoundFile.information(path).frames == 9700)
      #expect(try SoundFile.remarks(path) == [])
      #expect(
        try SoundFile.read(path, from: 8990, count: 20).samples
          == Array(start.samples.suffix(10) + rest.samples.prefix(10)))
    }
  }

  @Test func framesBehindTheStatedLengthOfFLACAreNamed() throws {
    try withTemporaryFolder { folder in
      let format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16
      guard var bytes = try file(format, noise(9000, seed: 1), in: folder) else { return }
      // The length is the last 36 bits of eight bytes.
      bytes.replaceSubrange(22..<26, with: [0, 0, 0x03, 0xe8])
      let path = try folder.write("a", bytes)
      #expect(try SoundFile.read(path).frameCount == 1000)
      #expect(try SoundFile.remarks(path) == [.beyondLength])
      // Without a length all are read.
      bytes.replaceSubrange(22..<26, with: [0, 0, 0, 0])
      #expect(try SoundFile.read(folder.write("a", bytes)).frameCount == 9000)
      #expect(try SoundFile.remarks(path) == [])
    }
  }

  @Test func streamsBesideTheFirstAndMissingPagesAreNamed() throws {
    try withTemporaryFolder { folder in
      var files: [[[UInt8]]] = []
      for seed in 1...2 {
        let clip = AudioClip(samples: noise(60_000, seed: seed), sampleRate: 8000)
        let bytes = try SoundFile.bytes(of: clip, format: .ogg, name: "a")
        let source = SoundSource(try OpenFile(folder.write("plain", bytes)))
        files.append(OggPages(source).map { Array(bytes[$0.range]) })
      }
      let (first, second) = (files[0], files[1])
      #expect(first.count > 3)
      let beside = first[0] + second[0] + first.dropFirst().joined() + second.dropFirst().joined()
      let path = try folder.write("a", Array(beside))
      #expect(try SoundFile.remarks(path) == [.otherSound])
      let gap = first.enumerated().filter { $0.offset != 2 }.flatMap(\.element)
      #expect(try SoundFile.remarks(folder.write("a", gap)) == [.missingPages])
      let open = Array(first.dropLast().joined())
      #expect(try SoundFile.remarks(folder.write("a", open)) == [.missingEnd])
      #expect(try SoundFile.remarks(folder.write("a", open + second.joined())) == [.missingEnd])
    }
  }

  @Test func anMPEGSoundOfAnotherFormIsNamed() throws {
    try withTemporaryFolder { folder in
      guard let first = try file(0x23_0000 | 0x82, noise(9000, seed: 1), in: folder),
        let second = try file(0x23_0000 | 0x82, noise(9000, seed: 1), rate: 44_100, in: folder)
      else { return }
      #expect(try SoundFile.remarks(folder.write("a.mp3", first + second)) == [.otherSound])
    }
  }

  @Test func aReportCountsFilesByRemark() throws {
    try withTemporaryFolder { folder in
      for index in 0..<20 {
        let clip = AudioClip(samples: noise(2000, seed: index), sampleRate: 8000)
        let bytes = try SoundFile.bytes(of: clip, format: .wav, name: "a")
        try folder.write("\(index).wav", index < 2 ? bytes + Array(repeating: 0, count: 400) : bytes)
      }
      let corpus = try AudioCorpus(path: folder.path, options: AudioCorpusOptions(length: 1024))
      let report = corpus.report
      #expect(report.remarks.entries.map(\.count) == [2])
      #expect(
        report.description.contains("\n2 files, bytes that are neither sound nor tags left out: 0.wav, 1.wav")
      )
      let survey = try MeasuredSound.survey(folder.path, options: AudioCorpusOptions())
      #expect(survey.entries.filter { $0.item.remarks == [.otherBytes] }.map(\.name) == ["0.wav", "1.wav"])
    }
  }
}
