import Adversarial
import ModalityKit
import TestSupport
import Testing

@testable import TextModality

@Suite struct TextFitTests {
  private func fitted(symbols: Int, samples: Int, given: Set<String> = []) -> TrainingRecipe {
    var training = TextRecipe(preset: .small).training
    TextFit(symbols: symbols, samples: samples).apply(to: &training) { given.contains($0) }
    return training
  }

  @Test func shortLinesStayAsThePresetIs() {
    #expect(fitted(symbols: 200_000, samples: 24_000) == TextRecipe(preset: .small).training)
    #expect(fitted(symbols: 0, samples: 0) == TextRecipe(preset: .small).training)
  }

  @Test(arguments: [(64, 64), (128, 32), (256, 16), (4_000, 16)])
  func longSamplesMakeSmallBatches(length: Int, batch: Int) {
    #expect(fitted(symbols: 100 * length, samples: 100).batchSize == batch)
  }

  @Test(arguments: [(250_000, 6_000), (500_000, 12_000), (10_000_000, 24_000)])
  func largeSetsWarmUpLonger(symbols: Int, steps: Int) {
    let training = fitted(symbols: symbols, samples: symbols / 50)
    #expect(training.warmUp.steps == steps)
    #expect(training.batchSize == 64)
  }

  @Test func whatIsGivenStays() {
    let keys: Set = ["training.batchSize", "training.warmUp.steps"]
    let training = fitted(symbols: 10_000_000, samples: 10_000, given: keys)
    #expect(training == TextRecipe(preset: .small).training)
  }

  @Test func aRunSaysWhatWasFitted() throws {
    let folder = try TemporaryFolder()
    let text = (0..<60).map { String(repeating: "ab", count: 50) + String($0) }.joined(separator: "\n")
    try text.write(to: folder["long.txt"], atomically: true, encoding: .utf8)
    func run(_ name: String, _ settings: [Setting]) throws -> Run<Text> {
      var request = RunRequest<Text>(
        folder: folder[name], data: folder["long.txt"].path, preset: .tiny, length: .steps(2))
      request.settings = settings
      return try Run<Text>.create(request)
    }
    let fitted = try run("fitted", [])
    #expect(fitted.recipe.training.batchSize == 40)
    #expect(fitted.description.origins["training.batchSize"] == "fitted to the data")
    let given = try run("given", [Setting("training.batchSize", 64, flag: "--batch")].compactMap(\.self))
    #expect(given.recipe.training.batchSize == 64)
    #expect(given.description.origins["training.batchSize"] == "flag --batch")
  }
}
