/// A module that turns one tensor into one tensor, so that it can stand in a `Sequential`.
///
/// Conformed to by `Linear`, `Conv1d`, `ConvTranspose1d`, `LayerNorm`, `InstanceNorm1d`, `Embedding`, `Lambda` and
/// `Sequential` itself, and open to modules of one's own.
public protocol Layer: Module {
  /// The layer's output for an input.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

extension Linear: Layer {}
extension Conv1d: Layer {}
extension ConvTranspose1d: Layer {}
extension LayerNorm: Layer {}
extension InstanceNorm1d: Layer {}
extension Embedding: Layer {}

/// Layers one after the other: the output of each is the input of the next.
///
/// ```swift
/// let network = try Sequential([
///   Linear(inputs: 8, outputs: 64, using: &stream),
///   Lambda.leakyReLU(),
///   Linear(inputs: 64, outputs: 2, using: &stream),
/// ])
/// ```
///
/// Parameters have the names that `torch.nn.Sequential` gives them: `0.weight`, `0.bias`, `2.weight`, `2.bias`. Layers
/// without parameters count too.
public final class Sequential: Layer {
  /// The layers in order.
  public let layers: [any Layer]

  /// The layers under their indices.
  public var members: Members { Members(numbering: layers) }

  /// Puts layers one after the other; none at all give the input back.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The output of the last layer.
  ///
  /// - Throws: `TorchError` when an output does not fit the next layer.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try layers.reduce(x) { try $1($0) }
  }
}

/// A function without parameters as a layer: an activation, or a change of shape.
public final class Lambda: Layer {
  private let function: (Tensor) throws -> Tensor

  /// None.
  public var members: Members { [:] }

  /// Makes a layer of a function.
  public init(_ function: @escaping (Tensor) throws -> Tensor) { self.function = function }

  /// The function's value.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try function(x) }

  /// `Tensor.relu()` as a layer.
  public static func relu() -> Lambda { Lambda { try $0.relu() } }
  /// `Tensor.leakyReLU(slope:)` as a layer.
  public static func leakyReLU(slope: Double = 0.2) -> Lambda { Lambda { try $0.leakyReLU(slope: slope) } }
  /// `Tensor.gelu()` as a layer.
  public static func gelu() -> Lambda { Lambda { try $0.gelu() } }
  /// `Tensor.silu()` as a layer.
  public static func silu() -> Lambda { Lambda { try $0.silu() } }
  /// `Tensor.sigmoid()` as a layer.
  public static func sigmoid() -> Lambda { Lambda { try $0.sigmoid() } }
  /// `Tensor.tanh()` as a layer.
  public static func tanh() -> Lambda { Lambda { try $0.tanh() } }
  /// Gives each sample of a batch another shape: `[B, ...]` becomes `[B] + shape`, of which one extent may be -1 and follows
  /// from the others.
  public static func reshape(_ shape: [Int]) -> Lambda { Lambda { try $0.reshaped([$0.shape[0]] + shape) } }
  /// Makes each sample of a batch one row: `[B, ...]` becomes `[B, N]`.
  public static func flatten() -> Lambda { reshape([-1]) }
}
