import Adversarial
import TextModality
import Torch

// Proof that the engine and the floors above it link and run in a package of somebody else.
let ones = try Tensor.ones([2, 3])
print("libtorch \(Engine.version), shape \(ones.shape)")
