import Adversarial

/// The architecture of WaveGAN (Donahue, McAuley and Puckette, 2019), "Adversarial audio synthesis", for sounds of
/// 16 · 4^k or 32 · 4^k frames.
///
/// With 16384 frames, one channel and 100 numbers in a latent, a width of 64 gives the published networks of 19,065,345
/// and 17,427,969 parameters. 32768 and 65536 frames have 73,149,953 and 69,875,201.
public struct ClassicRecipe: Codable, Equatable, Sendable {
  /// Channels next to the waveform; each layer towards the latent or the logit has twice as many.
  public var width = 64
  /// Taps of the kernels, as in the paper 25.
  public var kernel = 25
  /// Taps of a filter, one a channel, that the generator ends with and learns; nil for none. The paper tries 512.
  public var postFilter: Int?
  /// Frames that the discriminator shifts its layers' outputs by in training, at most, in either direction; 0 for none.
  public var phaseShuffle = 2
  /// Numbers in the vector of a label that the generator takes beside the latent, where there are labels.
  public var labelDimension = 16

  /// A recipe with the defaults, to be changed field by field.
  public init() {}

  /// The frames at the latent's end of either network.
  static let innermost = 16

  /// The strides between a sound and 16 frames, in the order of the layers of either network; nil where the length is not
  /// 16 · 4^k or 32 · 4^k, or less than 64.
  static func strides(length: Int) -> [Int]? {
    var strides: [Int] = []
    var frames = innermost
    while frames * 4 <= length {
      strides.append(4)
      frames *= 4
    }
    if frames * 2 <= length {
      strides.append(2)
      frames *= 2
    }
    return frames == length && length >= 4 * innermost ? strides : nil
  }

  /// What makes no sense in the recipe.
  ///
  /// - Parameters:
  ///   - key: where in a modality's recipe it stands.
  ///   - length: frames of a sound.
  ///   - lengthKey: where in a modality's recipe that stands.
  public func faults(key: String = "classic", length: Int, lengthKey: String = "data.length") -> [RecipeFault]
  {
    var faults = RecipeFaults()
    // Sizes beyond are slips, and their products overflow.
    let isKnown = length <= 1 << 24 && Self.strides(length: length) != nil
    faults.expect(
      isKnown, lengthKey, length,
      "16 · 4^k or 32 · 4^k frames from 64 to 16777216, such as 4096, 8192 or 16384")
    faults.expect("\(key).width", width, 1...1024)
    faults.expect("\(key).kernel", kernel, 4...1023)
    let filter = postFilter ?? 1
    faults.expect((1...65_536).contains(filter), "\(key).postFilter", filter, "1 to 65536, or none")
    faults.expect("\(key).phaseShuffle", phaseShuffle, 0...15)
    faults.expect("\(key).labelDimension", labelDimension, 1...4096)
    return faults.list
  }
}

/// What the data decides about the classic networks.
public struct ClassicSpec: Codable, Equatable, Sendable {
  /// Frames of a sound.
  public var length: Int
  /// Channels of a sound.
  public var channels: Int
  /// Number of labels; 0 for networks without conditions.
  public var labels: Int

  /// Makes a format.
  public init(length: Int, channels: Int = 1, labels: Int = 0) {
    self.length = length
    self.channels = channels
    self.labels = labels
  }
}
