import ModalityKit
import TextDatasets
import Torch

extension Text {
  /// Held-out samples that the limit is found by: at most, and at least, however long and many training samples are.
  private static let limitSamples = 1_000, fewestLimitSamples = 100

  /// Edit distances by the length of the longer of two samples.
  ///
  /// Of a large corpus, near samples are looked for among as many training samples as the evaluation compares with, exact
  /// copies among all.
  public static func trainingDistances(in dataset: TextDataset, recipe: TextRecipe, options: TextSampling)
    throws -> TrainingDistances?
  {
    let (spec, corpus) = (try recipe.completeSpec(), dataset.corpus)
    let training = corpus.training.spread(TextEvaluation.trainingLimit).map { corpus.training.encoded($0) }
    let nearest = NearestLine(training: training)
    let isCopy = training.count < corpus.training.count ? corpus.copyTest : nil
    let count = max(
      fewestLimitSamples, TextEvaluation.nearestCount(of: limitSamples, training: training))
    let heldOut = corpus.heldOut.spread(count).map { nearest.distance(to: corpus.heldOut.encoded($0)) }
    return TrainingDistances(
      measure: "edit distance by length", noun: "samples", compared: training.count,
      total: corpus.training.count, heldOut: heldOut
    ) { samples, limit in
      try spec.symbols(of: samples).map { sample in
        isCopy?(sample) == true ? 0 : nearest.distance(to: sample, below: limit)
      }
    }
  }
}
