/// A kit that samplers play, as an SFZ file describes it (Cakewalk's SFZ 1.02 of 2010, sfzformat.com): groups of sounds, each
/// on a key, in layers by how hard the key is hit, with several sounds in turn in each layer.
public struct SamplerKit: Sendable, Equatable {
  /// The sounds of a key.
  public struct Group: Sendable, Equatable {
    /// What it is called.
    public let name: String
    /// MIDI's number of the key, 0 to 127.
    public let key: Int
    /// Paths of sound files below the SFZ file's folder, `[layers][turns]`: the softest layer first.
    public let layers: [[String]]

    /// A group of at least one layer, each of 1 to 100 sounds.
    public init(name: String, key: Int, layers: [[String]]) {
      precondition(DrumKeys.range.contains(key), "a key is 0 to 127")
      precondition((1...SamplerKit.mostLayers).contains(layers.count), "a group has 1 to 127 layers")
      precondition(
        layers.allSatisfy { (1...SamplerKit.mostTurns).contains($0.count) }, "a layer has 1 to 100 sounds")
      (self.name, self.key, self.layers) = (name, key, layers)
    }
  }

  /// Velocities that a key can be hit with, and so layers at most: MIDI's 0 lets it go.
  public static let mostLayers = 127
  /// The largest number that SFZ allows for `seq_length`.
  public static let mostTurns = 100
  /// Keys of General MIDI's closed, pedal and open hi-hat: one instrument, of which one sound ends the other.
  private static let hats: Set<Int> = [42, 44, 46]

  /// The groups, in the order of the file.
  public let groups: [Group]
  /// Lines at the head of the file that say where the kit comes from.
  public let remarks: [String]

  /// Gathers groups.
  public init(groups: [Group], remarks: [String] = []) {
    (self.groups, self.remarks) = (groups, remarks)
  }

  /// The velocities of a layer, of all from 1 to 127: equal shares, the first layer softest.
  ///
  /// - Parameters:
  ///   - layer: its number, from 0.
  ///   - count: layers.
  public static func velocities(ofLayer layer: Int, of count: Int) -> ClosedRange<Int> {
    1 + layer * mostLayers / count...(layer + 1) * mostLayers / count
  }

  /// The text of the SFZ file.
  ///
  /// Sounds play to their end (`loop_mode=one_shot`). All layers of a group have velocities of their own and turns of one
  /// length, as players that count turns for each layer need it. Hi-hats end each other where a kit has several.
  public var sfzText: String {
    let hasHats = groups.count { Self.hats.contains($0.key) } > 1
    var lines = remarks.map { "// \(Self.oneLine($0))" }
    lines += ["", "<global>", "loop_mode=one_shot"]
    for group in groups {
      lines += ["", "// \(Self.oneLine(group.name))", "<group>", "key=\(group.key)"]
      if hasHats, Self.hats.contains(group.key) { lines += ["group=1", "off_by=1"] }
      for (number, layer) in group.layers.enumerated() {
        let velocities = Self.velocities(ofLayer: number, of: group.layers.count)
        for (turn, file) in layer.enumerated() {
          // A path ends with its line.
          lines.append(
            "<region> lovel=\(velocities.lowerBound) hivel=\(velocities.upperBound) seq_length=\(layer.count) "
              + "seq_position=\(turn + 1) sample=\(file)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text without what would end a comment.
  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
