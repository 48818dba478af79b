import RandomNumbers

private let randnOperator = Operator("aten::randn", "generator")
private let randOperator = Operator("aten::rand", "generator")

/// Random numbers that depend on a seed, a step and a name, and on nothing else.
///
/// Every random draw of a run comes from a stream named for its use ("latents", "dropout"), made afresh for each
/// step. No generator's state is ever stored: a run that stops and goes on draws what it would have drawn. Tensors are
/// drawn on the CPU whatever device they go to, so a run is the same on each. Words follow SplitMix64 (Steele, Lea
/// and Flood, 2014) from a start that hashes the three.
///
/// A stream may know which `rows` of a batch it draws for. Tensors are then *per-sample* draws: made for the whole batch
/// and cut to the rows, so that each sample has its own numbers whatever part of the batch it is computed in. Words (`next`,
/// and what is made of them) are *once a pass*: the same for every part of a batch.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// Hears of every stream that its task makes, so that tests find names that are used twice; nil, as always outside
  /// of them, costs a lookup of the task's value.
  @TaskLocal package static var observer: (@Sendable (_ seed: UInt64, _ step: Int, _ name: String) -> Void)?

  private var words: SplitMix64
  /// The rows that tensors are drawn for; nil where no tensor is part of a larger batch.
  public let rows: BatchRows?

  /// The stream of a name at a step of a run with a seed.
  ///
  /// - Parameters:
  ///   - seed: the run's.
  ///   - step: the step, or another number that distinguishes streams of one name.
  ///   - name: what is drawn.
  ///   - rows: the rows of a batch that tensors are drawn for; with nil they are drawn as they are asked for.
  public init(seed: UInt64, step: Int = 0, name: String, rows: BatchRows? = nil) {
    Self.observer?(seed, step, name)
    self.rows = rows
    // FNV-1a over the name, then each number mixed in, so that neighbours in any of the three are unrelated.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = SplitMix64.mixed(hash &+ SplitMix64.mixed(seed &+ 0x9E37_79B9_7F4A_7C15))
    let start = SplitMix64.mixed(
      hash &+ SplitMix64.mixed(UInt64(bitPattern: Int64(step)) ^ 0xD1B5_4A32_D192_ED03))
    words = SplitMix64(seed: start)
  }

  /// The next 64 random bits, the same for every part of a batch.
  public mutating func next() -> UInt64 {
    words.next()
  }

  /// One word for each sample.
  ///
  /// - Parameter count: samples that words are wanted for.
  /// - Precondition: a stream that knows its rows is asked for as many words as these are.
  public mutating func words(_ count: Int) -> [UInt64] {
    guard let rows else { return (0..<count).map { _ in next() } }
    precondition(rows.count == count, "\(count) words for \(rows.count) rows")
    let all = (0..<rows.total).map { _ in next() }
    return rows.indices.map { all[$0] }
  }

  /// Independent standard normal numbers.
  ///
  /// - Parameters:
  ///   - shape: the shape wanted.
  ///   - dimension: where samples are counted, if the stream knows its rows.
  ///   - device: where the tensor goes.
  /// - Throws: `TorchError` when the shape has another number of samples than rows.
  public mutating func normal(_ shape: [Int], samplesAlong dimension: Int = 0, device: Device = .cpu) throws
    -> Tensor
  {
    try draw(shape, samplesAlong: dimension) { shape, seed in
      try randnOperator(.ints(shape), .seed(seed), .dtype(.float32))
    }.moved(to: device)
  }

  /// Independent numbers, uniform in [0, 1), otherwise as `normal`.
  ///
  /// Numbers are drawn in the order of memory: of two shapes that differ in the first extent only, the shorter one has the
  /// longer one's first numbers.
  public mutating func uniform(_ shape: [Int], samplesAlong dimension: Int = 0, device: Device = .cpu) throws
    -> Tensor
  {
    try draw(shape, samplesAlong: dimension) { shape, seed in
      try randOperator(.ints(shape), .seed(seed), .dtype(.float32))
    }.moved(to: device)
  }

  /// Independent standard Gumbel numbers, -log(-log u), otherwise as `normal`: the largest of `logits + gumbel` is a draw
  /// from the softmax of the logits.
  public mutating func gumbel(_ shape: [Int], samplesAlong dimension: Int = 0, device: Device = .cpu) throws
    -> Tensor
  {
    // u = 0 occurs once in 2^24 draws and would give minus infinity.
    let u = try uniform(shape, samplesAlong: dimension, device: device).clamped(from: 1e-10, to: 1 - 1e-7)
    return try -(-u.log()).log()
  }

  /// A tensor by a draw of one's own: made for the whole batch and cut to the stream's rows, where it knows them.
  ///
  /// - Parameters:
  ///   - shape: the shape wanted.
  ///   - dimension: where samples are counted.
  ///   - make: given a shape and one word of the stream, the tensor.
  /// - Throws: `TorchError` when the shape has another number of samples than rows; what `make` throws.
  public mutating func draw(
    _ shape: [Int], samplesAlong dimension: Int = 0, by make: ([Int], UInt64) throws -> Tensor
  ) throws -> Tensor {
    guard let rows else { return try make(shape, next()) }
    guard shape.count > dimension, shape[dimension] == rows.count else {
      throw TorchError(
        "a random draw of shape \(shape): expected \(rows.count) samples along dimension \(dimension)")
    }
    var whole = shape
    whole[dimension] = rows.total
    return try rows.cut(from: make(whole, next()), along: dimension)
  }
}

/// Rows of a batch that a tensor holds: all of them, or those of a part that is computed by itself.
///
/// A `RandomStream` that knows its rows draws for the whole batch and keeps these, so that what it draws for a sample does
/// not depend on the part that the sample is in.
public struct BatchRows: Hashable, Sendable {
  /// Rows of the whole batch.
  public let total: Int
  /// The rows that are held, in the order in which they are held; none empty.
  public let ranges: [Range<Int>]

  /// Takes ranges of the rows of a batch.
  ///
  /// - Precondition: the ranges lie within `0..<total`.
  public init(_ ranges: [Range<Int>], of total: Int) {
    precondition(
      ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= total }, "rows beyond a batch of \(total)")
    self.total = total
    self.ranges = ranges.filter { !$0.isEmpty }
  }

  /// All rows of a batch.
  public init(all total: Int) {
    self.init([0..<total], of: total)
  }

  /// Number of rows held.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Whether every row is held, in order.
  public var isWhole: Bool { ranges == [0..<total] || total == 0 }

  /// The same rows of two batches of this size, one behind the other: of real samples and then of generated ones.
  public var doubled: BatchRows {
    BatchRows(ranges + ranges.map { $0.lowerBound + total..<$0.upperBound + total }, of: 2 * total)
  }

  /// The rows' indices in the whole batch.
  public var indices: [Int] { ranges.flatMap { Array($0) } }

  /// What these rows are of a list with an element for each row of the batch.
  public func cut<Element>(from whole: [Element]) -> [Element] { ranges.flatMap { whole[$0] } }

  /// These rows of a tensor that holds the whole batch along a dimension; the tensor itself where they are all.
  ///
  /// - Throws: `TorchError` when the tensor has another extent there.
  public func cut(from whole: Tensor, along dimension: Int = 0) throws -> Tensor {
    guard whole.rank > dimension, whole.shape[dimension] == total else {
      throw TorchError(
        "rows of a batch of \(total): a tensor of shape \(whole.shape) holds no such batch along \(dimension)"
      )
    }
    if isWhole { return whole }
    let parts = try ranges.map {
      try whole.narrowed(along: dimension, start: $0.lowerBound, count: $0.count)
    }
    return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, along: dimension)
  }
}

/// Draws that depend only on a generator's 64-bit words, so that runs and evaluations stay equal when the
/// standard library changes how it maps words to ranges.
extension RandomNumberGenerator {
  /// An index in `0..<bound`, uniform to within bound / 2^64; takes one word of the generator.
  ///
  /// - Parameter bound: one more than the largest result; must be positive.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "an index needs a positive bound")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// An index drawn in proportion to some counts; takes one word of the generator.
  ///
  /// - Parameter counts: none negative, their sum positive.
  public mutating func index(inProportionTo counts: [Int]) -> Int {
    var rest = index(below: counts.reduce(0, +))
    return counts.firstIndex { count in
      rest -= count
      return rest < 0
    } ?? 0
  }

  /// Different indices out of `0..<total`, in random order: a sample without replacement.
  ///
  /// - Parameters:
  ///   - count: how many; all of them, shuffled, where `count` exceeds `total`.
  ///   - total: how many there are to choose from.
  /// - Returns: `min(count, total)` indices, every subset and order equally likely.
  public mutating func indices(_ count: Int, outOf total: Int) -> [Int] {
    var pool = Array(0..<total)
    let taken = Swift.min(count, total)
    for position in 0..<taken {
      pool.swapAt(position, position + index(below: total - position))
    }
    return Array(pool.prefix(taken))
  }
}

/// An evenly spaced choice of indices, without randomness: for sets that are too large to be used whole.
public enum EvenSpread {
  /// Positions of some of `total` things, evenly spread and ascending: `limit` of them, or all where there are no more.
  public static func indices(_ limit: Int, outOf total: Int) -> [Int] {
    let count = min(limit, total)
    return (0..<count).map { $0 * total / count }
  }
}
