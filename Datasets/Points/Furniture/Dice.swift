import RandomNumbers

/// Choices of one piece of furniture.
struct Dice {
  private var random: SplitMix64

  init(seed: UInt64, index: Int) {
    random = SplitMix64(seed: seed, index: index)
  }

  /// A number of a range, uniformly.
  mutating func number(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + Float(random.unit()) * (range.upperBound - range.lowerBound)
  }

  /// Whether something happens that has this probability.
  mutating func happens(_ probability: Double) -> Bool { random.unit() < probability }

  /// One of some, all as probable.
  mutating func one<Choice: CaseIterable>(of choices: Choice.Type) -> Choice
  where Choice.AllCases == [Choice] {
    let all = Choice.allCases
    return all[min(all.count - 1, Int(random.unit() * Double(all.count)))]
  }
}
