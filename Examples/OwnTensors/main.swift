import Adversarial
import Foundation
import Torch

// A GAN on tensors of one's own, here points on a circle. `OwnTensors FOLDER` trains it, writes checkpoints into a new
// folder and prints five samples.
func network(_ inputs: Int, _ outputs: Int, _ stream: inout RandomStream) throws -> Sequential {
  try Sequential([
    Linear(inputs: inputs, outputs: 64, using: &stream), Lambda.leakyReLU(),
    Linear(inputs: 64, outputs: outputs, using: &stream),
  ])
}
var stream = RandomStream(seed: 1, name: "data")
let angles = try stream.uniform([2_000, 1]) * (2 * Double.pi)
let circle = try Tensor.concatenated([angles.cosine(), angles.sine()], along: 1)

let game = try TensorGame(samples: circle, seed: 1) {
  SequentialGenerator(try network(2, 2, &$0))
} discriminator: {
  SequentialDiscriminator(try network(2, 1, &$0))
}
var recipe = TrainingRecipe()
(recipe.latentDimension, recipe.generatorRate, recipe.discriminatorRate) = (2, 2e-3, 2e-3)
let trainer = try Trainer(
  game: game, recipe: recipe, plan: Plan(warmUpSteps: 0, duelSteps: 400), seed: 1,
  identity: CheckpointIdentity(modality: "circle", recipe: "{}"),
  folder: RunFolder.create(at: URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "circle")))
while try trainer.step() {}
for point in try trainer.samples(count: 5, seed: 2).unbound() { print(try point.array(of: Float.self)) }
