import ModalityKit

/// What only the data can tell about the networks: rate, length, channels, labels.
///
/// Part of a recipe from the moment that the data has been opened, so that a checkpoint needs no data to be used.
public struct AudioSpec: DataSpec {
  /// Samples a second.
  public var sampleRate: Int
  /// Samples of a clip in each channel.
  public var length: Int
  /// 1 for mono, 2 for stereo.
  public var channels: Int
  /// The names of the labels by index; empty for an unconditional model.
  public var labels: [String]

  /// Describes data.
  public init(sampleRate: Int, length: Int, channels: Int = 1, labels: [String] = []) {
    self.sampleRate = sampleRate
    self.length = length
    self.channels = channels
    self.labels = labels
  }

  /// Seconds that a clip lasts.
  public var duration: Double { Double(length) / Double(sampleRate) }

  /// In words, for messages.
  public var summary: String {
    let names = labels.isEmpty ? "no labels" : "labels \(labels.joined(separator: ", "))"
    return "\(length) samples at \(sampleRate) Hz, channels: \(channels), \(names)"
  }
}
