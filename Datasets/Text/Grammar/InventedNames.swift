extension StringGrammar {
  /// Invented names that can be pronounced: `lodrun`, `keisek`, `vanthola`.
  ///
  /// A name is an onset, a nucleus, perhaps a coda, perhaps a middle syllable, a last consonant and a suffix.
  /// Two rules span the whole name, so that a model which sees only the last few letters cannot keep them:
  /// - harmony: all nuclei are dark (a, o, u) or all are light (e, i);
  /// - agreement: the suffix depends on the first sound, soft (l, m, n, s, sh, v, f, w or none) or hard (k,
  ///   t, d, g, b).
  ///
  /// Some 500,000 names of 3 to 12 letters. No name can be written in two ways: each run of vowels is one
  /// nucleus, and what stands between two nuclei is a coda (n, r, l, s or none) and one onset, none of which
  /// begins with a coda and goes on. So `entropy` is exact.
  public static let inventedNames: StringGrammar = {
    /// Arcs to one target that share a part `scale` of their state's weight.
    func arcs(_ choices: KeyValuePairs<String, Double>, scale: Double = 1, to target: Int) -> [Arc] {
      let total = choices.reduce(0) { $0 + $1.value }
      return choices.map { Arc($0.key, weight: scale * $0.value / total, to: target) }
    }

    // State 0 chooses the onset, states 1 and 2 the harmony and first nucleus after a soft and a hard onset.
    // Then come five states for each pairing of onset and harmony, then the end.
    let statesPerPairing = 5
    let end = 3 + 4 * statesPerPairing
    var states = [[Arc]](repeating: [], count: end + 1)
    states[0] = arcs(softOnsets, to: 1) + arcs(hardOnsets, to: 2)
    for (onset, isHard) in [false, true].enumerated() {
      for (harmony, isLight) in [false, true].enumerated() {
        let coda = 3 + statesPerPairing * (2 * onset + harmony)
        let (afterCoda, nucleus, last, suffix) = (coda + 1, coda + 2, coda + 3, coda + 4)
        let short = isLight ? lightNuclei : darkNuclei
        // A long nucleus leaves its syllable open: no coda.
        let long: KeyValuePairs = isLight ? ["ei": 2.0, "ie": 1] : ["au": 2.0]
        states[1 + onset] += arcs(short, scale: 0.4, to: coda) + arcs(long, scale: 0.1, to: afterCoda)
        states[coda] = arcs(["": 4, "n": 3, "r": 3, "l": 2, "s": 2], to: afterCoda)
        states[afterCoda] =
          arcs(middleOnsets, scale: 0.7, to: nucleus) + arcs(lastConsonants, scale: 0.3, to: suffix)
        states[nucleus] = arcs(short, to: last)
        states[last] = arcs(lastConsonants, to: suffix)
        states[suffix] = arcs(suffixes(isHard: isHard, isLight: isLight), to: end)
      }
    }
    return StringGrammar(states: states)
  }()

  private static let darkNuclei: KeyValuePairs = ["a": 4.0, "o": 3, "u": 2]
  private static let lightNuclei: KeyValuePairs = ["e": 3.0, "i": 2]
  private static let softOnsets: KeyValuePairs = [
    "": 2.0, "l": 4, "m": 4, "n": 3, "s": 3, "v": 3, "f": 2, "sh": 2, "w": 2,
  ]
  private static let hardOnsets: KeyValuePairs = [
    "k": 4.0, "t": 4, "d": 3, "g": 3, "b": 3, "br": 2, "kr": 2, "dr": 2, "tr": 2,
  ]
  private static let middleOnsets: KeyValuePairs = [
    "r": 3.0, "l": 3, "n": 3, "d": 3, "v": 2, "m": 2, "t": 2, "k": 2, "th": 2, "dr": 1,
  ]
  private static let lastConsonants: KeyValuePairs = [
    "n": 3.0, "r": 3, "l": 3, "d": 2, "s": 2, "m": 2, "th": 1, "k": 1,
  ]

  private static func suffixes(isHard: Bool, isLight: Bool) -> KeyValuePairs<String, Double> {
    switch (isHard, isLight) {
    case (false, false): ["a": 4, "an": 3, "ua": 1, "osh": 1]
    case (false, true): ["e": 4, "iel": 3, "in": 2, "eth": 2]
    case (true, false): ["o": 3, "or": 3, "us": 3, "ost": 1]
    case (true, true): ["i": 3, "ek": 3, "en": 2, "est": 1]
    }
  }
}
