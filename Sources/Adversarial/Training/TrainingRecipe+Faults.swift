extension TrainingRecipe {
  /// What makes no sense in the core's part of a recipe, with keys as in a modality's recipe.
  public var faults: [RecipeFault] {
    var faults = RecipeFaults(prefix: "training.")
    // The upper bounds are beyond any use, and keep every product of counts, such as samples seen, within an integer.
    let longest = 1_000_000_000_000
    faults.expect("steps", steps, 1...longest)
    faults.expect("batchSize", batchSize, 1...1_000_000)
    faults.expect(
      (1...max(batchSize, 1)).contains(accumulation), "accumulation", accumulation,
      "1 to the batch's \(batchSize) samples")
    faults.expect("discriminatorSteps", discriminatorSteps, 1...10_000)
    faults.expect("latentDimension", latentDimension, 1...1_000_000)
    faults.expect(clipNorm ?? 1 > 0, "clipNorm", clipNorm ?? 0, "more than 0")
    faults.expect("warmUp.steps", warmUp.steps, 0...longest)
    faults.expect((0...1).contains(warmUp.share), "warmUp.share", warmUp.share, "0 to 1")
    faults.expect(validationInterval >= 1, "validationInterval", validationInterval, "at least 1")
    return faults.list
  }
}
