/// The SHA-256 digest of FIPS 180-4, fed piece by piece.
///
/// Checkpoints carry it so that a damaged byte is noticed; it is no secret-keeping code. The loops are
/// `while` over raw pointers and wrapping operators, which the compiler inlines even in debug builds.
public struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes of a block that is not complete yet; fewer than 64.
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// Starts the digest of an empty message.
  public init() {}

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = rest.prefix(64 - pending.count)
      pending.append(contentsOf: taken)
      rest = rest.dropFirst(taken.count)
      guard pending.count == 64 else { return }
      let block = pending
      block.withUnsafeBytes { compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / 64 * 64
    compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// Appends the UTF-8 bytes of a text to the message.
  public mutating func update(_ text: String) {
    Array(text.utf8).withUnsafeBytes { update($0) }
  }

  /// The digest of everything appended, as 64 lower-case hexadecimal digits.
  public func hexDigest() -> String {
    var copy = self
    var padding: [UInt8] = [0x80]
    padding += [UInt8](repeating: 0, count: (119 - pending.count) % 64)
    padding += (0..<8).map { UInt8(truncatingIfNeeded: (length &<< 3) &>> UInt64(56 - 8 * $0)) }
    padding.withUnsafeBytes { copy.update($0) }
    return copy.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// Runs the compression function over whole 64-byte blocks.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    guard var block = blocks.baseAddress, !blocks.isEmpty else { return }
    let end = block + blocks.count
    state.withUnsafeMutableBufferPointer { state in
      roundConstants.withUnsafeBufferPointer { constants in
        guard let state = state.baseAddress, let constants = constants.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
          guard let schedule = schedule.baseAddress else { return }
          while block < end {
            expand(block, into: schedule)
            mix(schedule, constants, into: state)
            block += 64
          }
        }
      }
    }
  }
}

@inline(__always) private func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
  (word &>> count) | (word &<< (32 &- count))
}

/// Expands the 16 big-endian words of a block to the 64 of the message schedule.
private func expand(_ block: UnsafeRawPointer, into words: UnsafeMutablePointer<UInt32>) {
  var t = 0
  while t < 16 {
    words[t] = UInt32(bigEndian: (block + 4 &* t).loadUnaligned(as: UInt32.self))
    t &+= 1
  }
  while t < 64 {
    let early = words[t &- 15]
    let late = words[t &- 2]
    let sigma0 = rotated(early, by: 7) ^ rotated(early, by: 18) ^ (early &>> 3)
    let sigma1 = rotated(late, by: 17) ^ rotated(late, by: 19) ^ (late &>> 10)
    words[t] = words[t &- 16] &+ sigma0 &+ words[t &- 7] &+ sigma1
    t &+= 1
  }
}

/// The 64 rounds over one block's schedule.
private func mix(
  _ words: UnsafeMutablePointer<UInt32>, _ constants: UnsafePointer<UInt32>,
  into state: UnsafeMutablePointer<UInt32>
) {
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  var (e, f, g, h) = (state[4], state[5], state[6], state[7])
  var t = 0
  while t < 64 {
    let sum1 = rotated(e, by: 6) ^ rotated(e, by: 11) ^ rotated(e, by: 25)
    let first = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ constants[t] &+ words[t]
    let sum0 = rotated(a, by: 2) ^ rotated(a, by: 13) ^ rotated(a, by: 22)
    let second = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = d &+ first
    d = c
    c = b
    b = a
    a = first &+ second
    t &+= 1
  }
  state[0] &+= a
  state[1] &+= b
  state[2] &+= c
  state[3] &+= d
  state[4] &+= e
  state[5] &+= f
  state[6] &+= g
  state[7] &+= h
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
  0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
  0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
  0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
  0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
