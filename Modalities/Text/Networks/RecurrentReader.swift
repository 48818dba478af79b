import Adversarial
import Torch

/// A small discriminator of sequences that reads them forwards and backwards: a recurrent network for each direction, whose
/// states are pooled over time by their maximum and their mean, and a linear layer.
///
/// The other architecture beside `TextDiscriminator`'s convolutions: it sees what lies farther apart than a filter is wide.
public final class RecurrentReader: Discriminator {
  private let embedding: Embedding
  private let forwards: GRU
  private let backwards: GRU
  private let output: Linear

  /// Symbol vectors, two recurrent networks, the linear layer.
  public var members: Members {
    ["embedding": embedding, "forwards": forwards, "backwards": backwards, "output": output]
  }

  /// Initialises the network.
  ///
  /// - Parameters:
  ///   - symbols: how many ids there are.
  ///   - dimensions: numbers in a symbol's vector.
  ///   - hidden: numbers in the state of each direction.
  ///   - stream: source of random numbers for the weights.
  public init(symbols: Int, dimensions: Int = 24, hidden: Int = 48, using stream: inout RandomStream) throws {
    embedding = try Embedding(symbols: symbols, dimensions: dimensions, using: &stream)
    forwards = try GRU(inputs: dimensions, hidden: hidden, using: &stream)
    backwards = try GRU(inputs: dimensions, hidden: hidden, using: &stream)
    output = try Linear(inputs: 4 * hidden, outputs: 1, using: &stream)
  }

  /// Logits `[B]` of one-hot vectors `[B, T, V]`, exact or relaxed; labels are not looked at.
  public func discriminate(_ samples: Tensor, labels: Tensor?, context: StepContext) throws -> Tensor {
    let vectors = try embedding(soft: samples)
    let pooled = try [forwards(vectors).outputs, backwards(vectors.flipped(along: 1)).outputs].flatMap {
      [try $0.max(along: 1), try $0.mean(along: 1)]
    }
    var dropout: RandomStream? = context.isTraining ? context.stream("dropout") : nil
    return try output(Tensor.concatenated(pooled, along: 1).dropout(0.1, using: &dropout))
      .squeezingDimension(at: 1)
  }
}
