import AudioDatasets
import Testing

@Suite struct SamplerKitTests {
  @Test(
    arguments: [
      (["clap", "hat", "kick", "snare", "tom"], [39, 42, 36, 38, 47]),
      (["Kick 01", "SD", "Closed Hi-Hat", "hihat_open", "RimShot"], [36, 38, 42, 46, 37]),
      (["OpenHat", "CHH", "hi hat", "pedal hat"], [46, 42, 36, 44]),
      (["low tom", "Mid-Tom", "HT", "floor tom", "tom"], [45, 47, 50, 41, 48]),
      (["bass drum", "kick", "bd"], [36, 35, 37]),
      (["snare electric", "snare", "crash", "ride bell", "ride", "cowbell"], [40, 38, 49, 53, 51, 56]),
      // What is no drum takes the free keys from 36 on.
      (["0", "1", "2"], [36, 37, 38]),
      (["dog", "kick", "cat", "snare"], [37, 36, 39, 38]),
      ([""], [36]), ([], []),
    ] as [([String], [Int])])
  func labelsHaveTheirDrumsKeys(labels: [String], keys: [Int]) {
    #expect(DrumKeys.keys(for: labels) == keys)
  }

  @Test func everyKeyCanBeUsed() {
    let keys = DrumKeys.keys(for: (0..<128).map { "\($0)" })
    #expect(keys.prefix(93).elementsEqual([36...127, 0...0].joined()) && Set(keys) == Set(0...127))
  }

  @Test(arguments: [1, 2, 3, 5, 16, 127]) func layersShareAllVelocities(count: Int) {
    let layers = (0..<count).map { SamplerKit.velocities(ofLayer: $0, of: count) }
    #expect(Array(layers.joined()) == Array(1...127))
    let sizes = layers.map(\.count)
    #expect(sizes.max()! - sizes.min()! <= 1)
  }

  @Test func theFileSaysWhatPlaysWhen() {
    let kit = SamplerKit(
      groups: [
        .init(name: "kick", key: 36, layers: [["samples/a 1.wav", "samples/a2.wav"], ["samples/b.wav"]]),
        .init(name: "closed\nhat", key: 42, layers: [["c.wav"]]),
        .init(name: "open hat", key: 46, layers: [["d.wav"]]),
      ], remarks: ["duel, seed 1\r\nkey=5"])
    let text = """
      // duel, seed 1 key=5

      <global>
      loop_mode=one_shot

      // kick
      <group>
      key=36
      <region> lovel=1 hivel=63 seq_length=2 seq_position=1 sample=samples/a 1.wav
      <region> lovel=1 hivel=63 seq_length=2 seq_position=2 sample=samples/a2.wav
      <region> lovel=64 hivel=127 seq_length=1 seq_position=1 sample=samples/b.wav

      // closed hat
      <group>
      key=42
      group=1
      off_by=1
      <region> lovel=1 hivel=127 seq_length=1 seq_position=1 sample=c.wav

      // open hat
      <group>
      key=46
      group=1
      off_by=1
      <region> lovel=1 hivel=127 seq_length=1 seq_position=1 sample=d.wav

      """
    #expect(kit.sfzText == text)
  }

  /// One hi-hat has nothing to end.
  @Test func aHatAloneRingsOn() {
    let kit = SamplerKit(groups: [.init(name: "hat", key: 42, layers: [["c.wav"]])])
    #expect(!kit.sfzText.contains("off_by"))
  }
}
