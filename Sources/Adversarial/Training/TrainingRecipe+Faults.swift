extension TrainingRecipe {
  /// What makes no sense in the core's part of a recipe, with keys as in a modality's recipe.
  public var faults: [RecipeFault] {
    var faults: [RecipeFault] = []
    func expect(_ condition: Bool, _ key: String, _ found: some CustomStringConvertible, _ expected: String) {
      guard !condition else { return }
      faults.append(RecipeFault(key: "training.\(key)", message: "found \(found), expected \(expected)"))
    }
    // The upper bounds are beyond any use, and keep every product of counts, such as samples seen, within an integer.
    func expect(_ count: Int, _ key: String, _ range: ClosedRange<Int>) {
      expect(range.contains(count), key, count, "\(range.lowerBound) to \(range.upperBound)")
    }
    let longest = 1_000_000_000_000
    expect(steps, "steps", 1...longest)
    expect(batchSize, "batchSize", 1...1_000_000)
    expect(
      (1...max(batchSize, 1)).contains(accumulation), "accumulation", accumulation,
      "1 to the batch's \(batchSize) samples")
    expect(discriminatorSteps, "discriminatorSteps", 1...10_000)
    expect(latentDimension, "latentDimension", 1...1_000_000)
    expect(clipNorm ?? 1 > 0, "clipNorm", clipNorm ?? 0, "more than 0")
    expect(warmUp.steps, "warmUp.steps", 0...longest)
    expect((0...1).contains(warmUp.share), "warmUp.share", warmUp.share, "0 to 1")
    expect(validationInterval >= 1, "validationInterval", validationInterval, "at least 1")
    return faults
  }
}
