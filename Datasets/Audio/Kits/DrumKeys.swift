import Foundation

/// MIDI keys of a kit's labels: those of General MIDI's percussion map (MIDI Manufacturers Association, "General MIDI System
/// Level 1", 1991) for names of drums, and for the others the free keys from 36 on.
public struct DrumKeys: Sendable {
  /// Keys of MIDI.
  public static let range = 0...127
  /// The first key of what is no known drum: that of the bass drum, at the left end of the pads of most instruments.
  public static let first = 36

  /// Words of a name, and the keys of such a drum, the usual one first.
  private struct Drum {
    let words: [String]
    let keys: [Int]

    init(_ words: String, _ keys: Int...) {
      self.words = words.split(separator: " ").map(String.init)
      self.keys = keys
    }
  }

  /// Drums; more words are a closer match.
  private static let drums = [
    Drum("kick", 36, 35), Drum("bass drum", 36, 35), Drum("rim", 37), Drum("side stick", 37),
    Drum("snare", 38, 40), Drum("electric snare", 40, 38), Drum("clap", 39), Drum("hat", 42, 44, 46),
    Drum("closed hat", 42), Drum("pedal hat", 44), Drum("open hat", 46), Drum("tom", 47, 45, 48, 43, 50, 41),
    Drum("floor tom", 41, 43), Drum("high floor tom", 43, 41), Drum("low tom", 45, 41),
    Drum("mid tom", 47, 48), Drum("high tom", 50, 48), Drum("crash", 49, 57), Drum("ride", 51, 59),
    Drum("ride bell", 53), Drum("china", 52), Drum("cymbal", 49, 57, 55, 52), Drum("splash", 55),
    Drum("tambourine", 54), Drum("cowbell", 56), Drum("bongo", 60, 61), Drum("low bongo", 61),
    Drum("conga", 63, 62, 64), Drum("low conga", 64), Drum("mute conga", 62), Drum("timbale", 65, 66),
    Drum("low timbale", 66), Drum("agogo", 67, 68), Drum("low agogo", 68), Drum("cabasa", 69),
    Drum("maracas", 70), Drum("shaker", 70, 69), Drum("whistle", 71, 72), Drum("guiro", 73, 74),
    Drum("claves", 75), Drum("wood block", 76, 77), Drum("cuica", 78, 79), Drum("triangle", 81, 80),
  ]

  /// Other spellings, and the abbreviations of drum machines.
  private static let spellings = [
    "bd": "kick", "bassdrum": "kick", "kicks": "kick", "sd": "snare", "snares": "snare",
    "snaredrum": "snare", "cp": "clap", "claps": "clap", "handclap": "clap", "hihat": "hat", "hh": "hat",
    "hats": "hat", "ch": "closed hat", "hc": "closed hat", "chh": "closed hat",
    "closedhat": "closed hat", "closedhihat": "closed hat", "oh": "open hat", "ho": "open hat",
    "ohh": "open hat", "openhat": "open hat", "openhihat": "open hat", "rimshot": "rim", "rs": "rim",
    "sidestick": "rim", "lt": "low tom", "lowtom": "low tom", "mt": "mid tom", "midtom": "mid tom",
    "ht": "high tom", "hightom": "high tom", "hitom": "high tom", "floortom": "floor tom", "toms": "tom",
    "hi": "high", "lo": "low", "cy": "cymbal", "cb": "cowbell", "rd": "ride", "woodblock": "wood block",
    "bongos": "bongo", "congas": "conga", "tamb": "tambourine", "clave": "claves",
  ]

  /// The words of a label: runs of letters in lower case, spelled as in the table.
  private static func words(of label: String) -> Set<String> {
    let text = label.lowercased().split { !$0.isLetter }.map { spellings[String($0)] ?? String($0) }
      .joined(separator: " ")
    // "hi hat" is no high hat.
    let joined = " \(text) ".replacingOccurrences(of: " high hat ", with: " hat ")
    return Set(joined.split(separator: " ").map(String.init))
  }

  /// The drum whose name has the most words of those in a label; nil where none fits.
  private static func drum(_ label: String) -> Drum? {
    let words = words(of: label)
    return drums.filter { words.isSuperset(of: $0.words) }.reduce(nil) { best, drum in
      best.map { $0.words.count >= drum.words.count } == true ? best : drum
    }
  }

  /// The key of each label, in their order; no two have the same.
  ///
  /// Drums that are named more closely choose first, then those that come first. What finds the keys of its drum taken
  /// is treated like an unknown name.
  ///
  /// - Precondition: there are at most 128 labels.
  public static func keys(for labels: [String]) -> [Int] {
    precondition(labels.count <= range.count, "a kit has at most 128 keys")
    let drums = labels.map(drum)
    var keys = [Int?](repeating: nil, count: labels.count)
    var taken: Set<Int> = []
    func rank(_ index: Int) -> (Int, Int) { (-(drums[index]?.words.count ?? 0), index) }
    for index in labels.indices.sorted(by: { rank($0) < rank($1) }) {
      guard let key = drums[index]?.keys.first(where: { !taken.contains($0) }) else { continue }
      keys[index] = key
      taken.insert(key)
    }
    var free = (Array(first...range.upperBound) + Array(range.lowerBound..<first)).makeIterator()
    for index in labels.indices where keys[index] == nil {
      while let key = free.next() {
        guard taken.insert(key).inserted else { continue }
        keys[index] = key
        break
      }
    }
    return keys.compactMap(\.self)
  }
}
