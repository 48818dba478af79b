import Files
import Torch

/// Numbers by name that every part of a batch adds to, such as its loss times its share of the batch.
///
/// What is added is kept in order until it is summed, since sums of rounded numbers depend on the order.
public struct BatchTotals: Sendable {
  private var added: [(name: String, value: Double)] = []

  /// Nothing yet.
  public init() {}

  /// Adds to the sum under a name.
  public mutating func add(_ name: String, _ value: Double) { added.append((name, value)) }

  /// Adds what the next part has added.
  public mutating func add(_ part: BatchTotals) { added += part.added }

  /// The sums by name, over the parts of all ranks, in their order.
  ///
  /// - Parameter ranks: the processes that have a part of the batch each.
  public func summed(over ranks: Ranks) throws -> [String: Double] {
    let all = try ranks.areSeveral ? ranks.gather(bytes).flatMap(Self.added(in:)) : added
    return Dictionary(all.map { ($0.name, $0.value) }, uniquingKeysWith: +)
  }

  /// Names and bits: text has no place for numbers that are not finite.
  private var bytes: [UInt8] {
    added.flatMap { name, value in
      [UInt8](name.utf8) + [0] + withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    }
  }

  private static func added(in bytes: [UInt8]) -> [(name: String, value: Double)] {
    var (rest, found) = (bytes[...], [(name: String, value: Double)]())
    while let end = rest.firstIndex(of: 0), rest.distance(from: end, to: rest.endIndex) > 8 {
      let bits = rest[(end + 1)..<(end + 9)].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
      found.append(
        (String(decoding: rest[..<end], as: UTF8.self), Double(bitPattern: UInt64(littleEndian: bits))))
      rest = rest[(end + 9)...]
    }
    return found
  }
}

/// The gradients of a batch that is computed in parts, by one rank or several.
///
/// Parts are added in their order, ((g0 + g1) + g2) + ..., whoever has computed them: of several ranks each keeps those of its
/// parts apart until the end, so that the sum does not depend on how many ranks there are, to the bit.
public struct BatchGradients {
  private let parameters: [Parameter]
  private let ranks: Ranks
  /// The sum so far, for a process by itself.
  private var sums: [Tensor?]
  /// Of several ranks one flat vector for each part; behind the gradients whether there was one of each parameter.
  private var vectors: [Float] = []

  /// Nothing yet.
  public init(of parameters: [Parameter], over ranks: Ranks) {
    (self.parameters, self.ranks) = (parameters, ranks)
    sums = parameters.map { _ in nil }
  }

  /// Takes the gradients of this rank's next part, one a parameter; nil for one that the part does not depend on.
  public mutating func add(_ part: [Tensor?]) throws {
    try withoutGradients {
      if ranks.areSeveral { return try append(part) }
      for (index, gradient) in part.enumerated() {
        guard let gradient else { continue }
        sums[index] = try sums[index].map { try $0 + gradient } ?? gradient
      }
    }
  }

  private mutating func append(_ part: [Tensor?]) throws {
    var start = vectors.count
    vectors += repeatElement(0, count: parameters.reduce(parameters.count) { $0 + $1.value.count })
    try vectors.withUnsafeMutableBufferPointer { buffer in
      for (parameter, gradient) in zip(parameters, part) {
        let end = start + parameter.value.count
        let place = UnsafeMutableBufferPointer(rebasing: buffer[start..<end])
        try gradient?.converted(to: .float32).copyBytes(to: UnsafeMutableRawBufferPointer(place))
        start = end
      }
      for (index, gradient) in part.enumerated() { buffer[start + index] = gradient == nil ? 0 : 1 }
    }
  }

  /// Leaves the sum over all parts in the parameters. One that no part has a gradient of is left without.
  ///
  /// - Parameter counts: parts of each rank.
  public func finish(counts: [Int]) throws {
    try withoutGradients {
      for (parameter, sum) in zip(parameters, try ranks.areSeveral ? exchanged(counts: counts) : sums) {
        let value = parameter.value
        guard let sum, sum.strides != value.strides else {
          try value.setGrad(sum)
          continue
        }
        // Laid out in memory as the parameter is, since that decides in which order a norm is added up.
        let laidOut = try value.detached().cloned()
        try laidOut.overwrite(with: sum)
        try value.setGrad(laidOut)
      }
    }
  }

  /// The sum over the parts of all ranks.
  private func exchanged(counts: [Int]) throws -> [Tensor?] {
    guard let exchange = ranks.exchange else { return sums }
    let all = try exchange.sum(vectors, counts: counts)
    let found = all.suffix(parameters.count)
    var start = 0
    return try zip(parameters, found).map { parameter, count in
      let value = parameter.value
      start += value.count
      guard count > 0 else { return nil }
      let sum = try all[start - value.count..<start].withUnsafeBytes {
        try Tensor(bytes: $0, dtype: .float32, shape: value.shape)
      }
      return try sum.moved(to: value.device).converted(to: value.dtype)
    }
  }
}

extension Ranks {
  /// The rows of all ranks, in the order of ranks, along the first dimension.
  ///
  /// - Parameter part: this rank's rows, of any type; those of all ranks differ in their number alone.
  public func concatenated(_ part: Tensor) throws -> Tensor {
    guard areSeveral else { return part }
    let own = try part.detached().moved(to: .cpu).contiguous()
    let all = try gather(own.bytes()).filter { !$0.isEmpty }
    let row = Array(part.shape.dropFirst())
    let size = max(row.reduce(own.dtype.byteCount, *), 1)
    let parts = try all.map { bytes in
      try bytes.withUnsafeBytes {
        try Tensor(bytes: $0, dtype: own.dtype, shape: [bytes.count / size] + row)
      }
    }
    return try Tensor.concatenated(parts).moved(to: part.device)
  }

  /// Makes the tensors of all ranks those of the first, where they differ: processors of different kinds round differently, and
  /// networks that are to be the same would drift apart.
  ///
  /// - Parameter tensors: the same ones on every rank; changed in place.
  /// - Returns: whether any rank's differed.
  public func unify(_ tensors: [Tensor]) throws -> Bool {
    guard areSeveral else { return false }
    var digest = SHA256()
    for tensor in tensors { try tensor.bytes().withUnsafeBytes { digest.update($0) } }
    let digests = try gather(Array(digest.hexDigest().utf8))
    guard digests.contains(where: { $0 != digests[0] }) else { return false }
    for tensor in tensors {
      let bytes = try gather(isFirst ? tensor.bytes() : [])[0]
      guard !isFirst else { continue }
      let first = try bytes.withUnsafeBytes {
        try Tensor(bytes: $0, dtype: tensor.dtype, shape: tensor.shape)
      }
      try withoutGradients { try tensor.overwrite(with: first) }
    }
    return true
  }
}
