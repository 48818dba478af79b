import CSndfile
import Failures
import Foundation

/// One sound file on its way into memory.
final class SoundEncoder {
  /// Vorbis takes each block onto the stack, so blocks are small.
  private static let blockFrames = 4096
  private static let vorbisQuality = 0.6

  private let name: String
  private let channels: Int
  private let format: AudioFormat
  private let sampleRate: Int
  private let target = SoundTarget()
  private var handle: OpaquePointer?

  /// Opens a file in memory for a clip; `name` stands in messages.
  ///
  /// - Throws: `UserError(.cannotCreate)` when the format cannot hold the clip's rate or channels.
  init(_ clip: AudioClip, format: AudioFormat, name: String) throws {
    self.name = name
    self.format = format
    channels = clip.channels
    sampleRate = clip.sampleRate
    guard let rate = Int32(exactly: clip.sampleRate), let count = Int32(exactly: clip.channels) else {
      throw unfit("the numbers are too large")
    }
    var info = SF_INFO()
    info.samplerate = rate
    info.channels = count
    info.format = Int32(format.code)
    guard sf_format_check(&info) != 0 else { throw unfit("libsndfile refuses the combination") }
    let user = Unmanaged.passUnretained(target).toOpaque()
    let opening = SoundFileLibrary.open(
      &info, mode: SFM_WRITE, callbacks: SoundTarget.callbacks, user: user)
    let opened: OpaquePointer
    switch opening {
    case .opened(let handle): opened = handle
    case .refused(let complaint): throw unfit(complaint)
    }
    handle = opened
    // The PEAK chunk carries the time of writing, and without clipping libsndfile wraps around.
    sf_command(opened, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
    sf_command(opened, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    if format == .ogg {
      var quality = Self.vorbisQuality
      sf_command(opened, Int32(SFC_SET_VBR_ENCODING_QUALITY), &quality, Int32(MemoryLayout<Double>.size))
    }
  }

  deinit { if let handle { sf_close(handle) } }

  /// Stores tags; they stand before the sound, so this comes first.
  func set(_ tags: AudioTags) throws {
    let texts = [
      (SF_STR_TITLE, tags.title), (SF_STR_SOFTWARE, tags.software), (SF_STR_COMMENT, tags.comment),
    ]
    for case (let kind, let text?) in texts where !text.isEmpty {
      let status = sf_set_string(handle, Int32(kind), text)
      guard status == 0 else {
        throw failed("cannot store a tag: \(SoundFileLibrary.text(sf_error_number(status)))")
      }
    }
  }

  /// Writes samples as 16-bit integers, rounded and clamped.
  func write16(_ samples: [Float]) throws {
    try writeBlocks(samples, as: { Int16(scaled($0, by: 32_768, to: -32_768...32_767)) }, sf_writef_short)
  }

  /// Writes samples as 24-bit integers, rounded and clamped. libsndfile takes the upper bits of 32.
  func write24(_ samples: [Float]) throws {
    try writeBlocks(
      samples, as: { Int32(scaled($0, by: 8_388_608, to: -8_388_608...8_388_607)) << 8 }, sf_writef_int)
  }

  /// Writes samples as they are, clamped to a limit.
  func writeFloat(_ samples: [Float], limit: Float) throws {
    try writeBlocks(samples, as: { min(max($0, -limit), limit) }, sf_writef_float)
  }

  private func writeBlocks<Value>(
    _ samples: [Float], as convert: (Float) -> Value,
    _ write: (OpaquePointer?, UnsafePointer<Value>?, Int64) -> Int64
  ) throws {
    var place = 0
    while place < samples.count {
      let end = min(place + Self.blockFrames * channels, samples.count)
      let block = samples[place..<end].map(convert)
      let frames = Int64(block.count / channels)
      guard write(handle, block, frames) == frames, sf_error(handle) == SF_ERR_NO_ERROR else {
        let complaint = SoundFileLibrary.text(sf_strerror(handle))
        if format == .ogg || format == .flac { throw unfit(complaint) }
        throw failed("cannot encode the sound: \(complaint)")
      }
      place = end
    }
  }

  /// Closes the file and hands over its bytes.
  func finish() throws -> [UInt8] {
    let status = sf_close(handle)
    handle = nil
    guard status == 0 else {
      throw failed("cannot finish: \(SoundFileLibrary.text(sf_error_number(status)))")
    }
    return target.bytes
  }

  private func failed(_ what: String) -> UserError { UserError(.inputOutput, "\(name): \(what)") }

  private func unfit(_ why: String) -> UserError {
    UserError(
      .cannotCreate,
      "\(name): the format \(format.rawValue) cannot hold \(channels) channels at \(sampleRate) Hz (\(why))")
  }
}

/// A sample as a whole number: scaled, rounded to the nearest, and held within the range.
private func scaled(_ sample: Float, by factor: Float, to range: ClosedRange<Float>) -> Float {
  min(max((sample * factor).rounded(.toNearestOrEven), range.lowerBound), range.upperBound)
}

/// The bytes of a sound file that is being written; headers are rewritten when it is closed.
private final class SoundTarget {
  private(set) var bytes: [UInt8] = []
  private var position = 0

  /// The five callbacks; their last argument is this object.
  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { SoundTarget.from($0).map { Int64($0.bytes.count) } ?? -1 },
      seek: { offset, whence, user in
        guard let target = SoundTarget.from(user) else { return -1 }
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? target.position : target.bytes.count
        guard base + Int(offset) >= 0 else { return -1 }
        target.position = base + Int(offset)
        return Int64(target.position)
      },
      read: { buffer, count, user in
        guard let target = SoundTarget.from(user), let buffer else { return 0 }
        let end = min(target.position + Int(count), target.bytes.count)
        guard target.position < end else { return 0 }
        target.bytes[target.position..<end].withUnsafeBytes {
          UnsafeMutableRawBufferPointer(start: buffer, count: end - target.position).copyMemory(from: $0)
        }
        defer { target.position = end }
        return Int64(end - target.position)
      },
      write: { buffer, count, user in
        guard let target = SoundTarget.from(user), let buffer else { return 0 }
        target.write(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
        return count
      },
      tell: { SoundTarget.from($0).map { Int64($0.position) } ?? -1 })
  }

  private func write(_ piece: UnsafeRawBufferPointer) {
    let end = position + piece.count
    if position == bytes.count {
      bytes.append(contentsOf: piece)
    } else {
      if end > bytes.count { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
      bytes.replaceSubrange(position..<end, with: piece)
    }
    position = end
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> SoundTarget? {
    user.map { Unmanaged<SoundTarget>.fromOpaque($0).takeUnretainedValue() }
  }
}
