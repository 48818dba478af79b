import Failures

/// Something that has sound, decoded in blocks at the corpus's rate and number of channels.
protocol ClipSource: Sendable {
  /// What messages call it.
  var name: String { get }
  /// Finds out how it is divided. Called once, before any block.
  func layout() throws -> BlockLayout
  /// Decodes a block: interleaved samples, empty beyond the end. May be called from any thread, and returns the same
  /// samples each time.
  func samples(block index: Int, of layout: BlockLayout) throws -> [Float]
}

/// A sound file.
struct FileClipSource: ClipSource {
  let name: String
  let sampleRate: Int
  let channels: Int

  func layout() throws -> BlockLayout {
    let information = try SoundFile.information(name)
    return BlockLayout(
      sourceFrames: information.frames, sourceRate: information.sampleRate, rate: sampleRate)
  }

  func samples(block index: Int, of layout: BlockLayout) throws -> [Float] {
    guard layout.count > 1 else {
      return try converted(try SoundFile.read(name)).samples
    }
    let (range, excess) = layout.source(of: index)
    let clip = try SoundFile.read(name, from: range.lowerBound, count: range.count)
    guard clip.frameCount > 0 else { return [] }
    let samples = try converted(clip).samples.dropFirst(excess * channels)
    return Array(samples.prefix(layout.block * channels))
  }

  private func converted(_ clip: AudioClip) throws -> AudioClip {
    do {
      // In the order that resamples the fewer channels.
      if clip.channels > channels {
        return try clip.mixed(toChannels: channels).resampled(to: sampleRate)
      }
      return try clip.resampled(to: sampleRate).mixed(toChannels: channels)
    } catch let failure as UserError {
      throw UserError(failure.category, "\(name): \(failure.message)")
    }
  }
}
