extension TrainingRecipe {
  /// What makes no sense in the core's part of a recipe, with keys as in a modality's recipe.
  public var faults: [RecipeFault] {
    var faults: [RecipeFault] = []
    func expect(_ condition: Bool, _ key: String, _ found: some CustomStringConvertible, _ expected: String) {
      guard !condition else { return }
      faults.append(RecipeFault(key: "training.\(key)", message: "found \(found), expected \(expected)"))
    }
    expect(steps >= 1, "steps", steps, "at least 1")
    expect(batchSize >= 1, "batchSize", batchSize, "at least 1")
    expect(
      (1...max(batchSize, 1)).contains(accumulation), "accumulation", accumulation,
      "1 to the batch's \(batchSize) samples")
    expect(discriminatorSteps >= 1, "discriminatorSteps", discriminatorSteps, "at least 1")
    expect(latentDimension >= 1, "latentDimension", latentDimension, "at least 1")
    expect(clipNorm ?? 1 > 0, "clipNorm", clipNorm ?? 0, "more than 0")
    expect(warmUp.steps >= 0, "warmUp.steps", warmUp.steps, "at least 0")
    expect((0...1).contains(warmUp.share), "warmUp.share", warmUp.share, "0 to 1")
    expect(validationInterval >= 1, "validationInterval", validationInterval, "at least 1")
    return faults
  }
}
