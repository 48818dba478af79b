import Foundation
import ModalityKit
import TextModality
import Torch

// A trained generator in a package of somebody else. `embedding RUN` writes five lines of a run of `duel text train`.
if let run = CommandLine.arguments.dropFirst().first {
  for line in try Run<Text>.open(run).sampler().samples(count: 5, seed: 1) { print(line) }
} else {
  let ones = try Tensor.ones([2, 3])
  print("libtorch \(Engine.version), shape \(ones.shape)")
}
