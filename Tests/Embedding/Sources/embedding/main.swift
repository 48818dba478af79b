import Foundation
import TextModality
import Torch

// A trained generator in a package of somebody else. `embedding RUN` writes five lines of a run of `duel text train`.
if let run = CommandLine.arguments.dropFirst().first {
  let text = try TrainedText(contentsOf: URL(fileURLWithPath: run))
  for line in try text.lines(count: 5, seed: 1) { print(line) }
} else {
  let ones = try Tensor.ones([2, 3])
  print("libtorch \(Engine.version), shape \(ones.shape)")
}
