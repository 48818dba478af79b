import Torch

/// What the discriminator says of real samples that it has not been trained on.
extension TrainingState {
  /// The share of held-out real samples that the discriminator judges right, from 0 to 1; nil where the game has none.
  ///
  /// Well below the accuracy on samples that are trained on, it says that the discriminator knows these by heart. As many
  /// samples as a batch has are judged as in training, augmentation and dropout included, but without gradients. Nothing
  /// in the training depends on it, and its streams have names of their own.
  func heldOutAccuracy() throws -> Double? {
    let context = context("held-out")
    guard let real = try game.heldOutBatch(count: recipe.batchSize, context: context) else { return nil }
    func logits(of samples: Tensor, _ scope: String) throws -> Tensor {
      try game.discriminator.discriminate(samples, labels: real.labels, context: context.scoped(scope))
    }
    return try withAutocast(recipe.precision.autocast, on: game.device) {
      try withoutGradients {
        try recipe.loss.accuracy(onReal: logits(of: real.samples, "real")) {
          var stream = context.stream("latents")
          let latents = try recipe.prior.draw(
            count: real.count, dimension: recipe.latentDimension, using: &stream, device: game.device)
          let fake = try game.generator.generate(
            latents: latents, labels: real.labels, context: context.scoped("generator"))
          return try logits(of: fake, "generated")
        }.item()
      }
    }
  }
}
