import RandomNumbers

private let randnOperator = Operator("aten::randn", "generator")
private let randOperator = Operator("aten::rand", "generator")

/// Random numbers that depend on a seed, a step and a name, and on nothing else.
///
/// Every random draw of a run comes from a stream named for its use ("latents", "dropout"), made afresh for each
/// step. No generator's state is ever stored: a run that stops and goes on draws what it would have drawn. Tensors are
/// drawn on the CPU whatever device they go to, so a run is the same on each. Words follow SplitMix64 (Steele, Lea
/// and Flood, 2014) from a start that hashes the three.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// Hears of every stream that its task makes, so that tests find names that are used twice; nil, as always outside
  /// of them, costs a look at the task.
  @TaskLocal package static var observer: (@Sendable (_ seed: UInt64, _ step: Int, _ name: String) -> Void)?

  private var words: SplitMix64

  /// The stream of a name at a step of a run with a seed.
  public init(seed: UInt64, step: Int = 0, name: String) {
    Self.observer?(seed, step, name)
    // FNV-1a over the name, then each number mixed in, so that neighbours in any of the three are unrelated.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = SplitMix64.mixed(hash &+ SplitMix64.mixed(seed &+ 0x9E37_79B9_7F4A_7C15))
    let start = SplitMix64.mixed(
      hash &+ SplitMix64.mixed(UInt64(bitPattern: Int64(step)) ^ 0xD1B5_4A32_D192_ED03))
    words = SplitMix64(seed: start)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    words.next()
  }

  /// Independent standard normal numbers.
  public mutating func normal(_ shape: [Int], device: Device = .cpu) throws -> Tensor {
    try randnOperator(.ints(shape), .seed(next()), .dtype(.float32)).moved(to: device)
  }

  /// Independent numbers, uniform in [0, 1).
  public mutating func uniform(_ shape: [Int], device: Device = .cpu) throws -> Tensor {
    try randOperator(.ints(shape), .seed(next()), .dtype(.float32)).moved(to: device)
  }

  /// Independent standard Gumbel numbers, -log(-log u): the largest of `logits + gumbel` is a draw from the
  /// softmax of the logits.
  public mutating func gumbel(_ shape: [Int], device: Device = .cpu) throws -> Tensor {
    // u = 0 occurs once in 2^24 draws and would give minus infinity.
    let u = try uniform(shape, device: device).clamped(from: 1e-10, to: 1 - 1e-7)
    return try -(-u.log()).log()
  }
}
