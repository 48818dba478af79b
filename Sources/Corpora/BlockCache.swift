import Foundation

/// Decoded blocks of files, at most so many bytes of them, some decoded by background threads before they are
/// wanted.
///
/// The block used least recently gives way. Thread-safe.
public final class BlockCache<Key: Hashable & Sendable>: @unchecked Sendable {
  // Sendable: everything mutable is accessed with `condition` locked.

  /// Bytes of samples that may be kept.
  public let budget: Int
  private let decode: @Sendable (Key) throws -> [Float]
  private let workers: Int
  private let start: (@escaping @Sendable () -> Void) -> Bool
  private let condition = NSCondition()
  private var ready: [Key: (samples: [Float], use: Int)] = [:]
  private var bytes = 0
  /// Uses in their order; only a block's last one counts.
  private var uses: [(key: Key, use: Int)] = []
  private var oldestUse = 0
  private var useCount = 0
  private var queue: [(key: Key, bytes: Int)] = []
  private var firstQueued = 0
  /// What is queued or being decoded by a background thread, and how many bytes that will add.
  private var expected: Set<Key> = []
  private var expectedBytes = 0
  private var busy: Set<Key> = []
  private var runningWorkers = 0
  private var isCancelled = false
  private var peak = 0

  /// Makes an empty cache.
  ///
  /// - Parameters:
  ///   - budget: bytes that may be kept.
  ///   - workers: how many background threads decode at a time.
  ///   - decode: decodes a block, on any thread; the same numbers each time.
  public convenience init(budget: Int, workers: Int, decode: @escaping @Sendable (Key) throws -> [Float]) {
    self.init(budget: budget, workers: workers, start: Workers.start, decode: decode)
  }

  /// Makes an empty cache whose threads are started so, as far as they can be.
  init(
    budget: Int, workers: Int, start: @escaping (@escaping @Sendable () -> Void) -> Bool,
    decode: @escaping @Sendable (Key) throws -> [Float]
  ) {
    self.budget = budget
    self.workers = workers
    self.start = start
    self.decode = decode
  }

  /// The most bytes that were kept at a time.
  public var peakBytes: Int { condition.withLock { peak } }

  /// Bytes kept now.
  public var keptBytes: Int { condition.withLock { bytes } }

  /// A block's samples, and the seconds that were spent until they were there.
  ///
  /// - Throws: whatever decoding throws.
  public func samples(_ key: Key) throws -> (samples: [Float], waited: Double) {
    condition.lock()
    if let samples = use(key) {
      condition.unlock()
      return (samples, 0)
    }
    let clock = ContinuousClock()
    let start = clock.now
    while busy.contains(key) { condition.wait() }
    if let samples = use(key) {
      condition.unlock()
      return (samples, seconds(clock.now - start))
    }
    busy.insert(key)
    condition.unlock()
    let result = Result { try decode(key) }
    condition.withLock { finish(key, result) }
    return (try result.get(), seconds(clock.now - start))
  }

  /// Has background threads decode blocks, in this order, that are neither there nor on their way. Blocks that
  /// would fill more than half of the budget are not taken on.
  public func prefetch(_ wanted: [(key: Key, bytes: Int)]) {
    condition.withLock {
      for item in wanted where ready[item.key] == nil && !busy.contains(item.key) {
        guard !expected.contains(item.key) else { continue }
        guard expectedBytes + item.bytes <= budget / 2 else { break }
        expected.insert(item.key)
        expectedBytes += item.bytes
        queue.append(item)
      }
      while !isCancelled, runningWorkers < min(workers, queue.count - firstQueued) {
        runningWorkers += 1
        guard start({ self.work() }) else {
          // What nobody decodes beforehand is decoded when it is wanted.
          runningWorkers -= 1
          break
        }
      }
    }
  }

  /// Lets background threads end after the block that each is at.
  public func cancel() {
    condition.withLock {
      isCancelled = true
      queue.removeAll()
      firstQueued = 0
    }
  }

  /// What a background thread does: decodes what is queued until nothing is.
  private func work() {
    condition.lock()
    while !isCancelled, firstQueued < queue.count {
      let item = queue[firstQueued]
      firstQueued += 1
      if firstQueued == queue.count {
        queue.removeAll(keepingCapacity: true)
        firstQueued = 0
      }
      if ready[item.key] == nil, !busy.contains(item.key) {
        busy.insert(item.key)
        condition.unlock()
        // Whoever wants a block that cannot be decoded tries again and meets the error.
        let result = Result { try decode(item.key) }
        condition.lock()
        finish(item.key, result)
      }
      expected.remove(item.key)
      expectedBytes -= item.bytes
    }
    runningWorkers -= 1
    condition.unlock()
  }

  /// Notes a use of a block that is there.
  private func use(_ key: Key) -> [Float]? {
    guard let samples = ready[key]?.samples else { return nil }
    useCount += 1
    ready[key]?.use = useCount
    uses.append((key, useCount))
    // A stale entry stays for each use; drop them when they are most of the list.
    if uses.count > 2 * ready.count + 64 {
      uses = uses[oldestUse...].filter { ready[$0.key]?.use == $0.use }
      oldestUse = 0
    }
    return samples
  }

  private func finish(_ key: Key, _ result: Result<[Float], any Error>) {
    busy.remove(key)
    if case .success(let samples) = result, ready[key] == nil {
      let size = samples.count * MemoryLayout<Float>.size
      makeRoom(for: size)
      if bytes + size <= budget {
        bytes += size
        peak = max(peak, bytes)
        ready[key] = (samples, 0)
        _ = use(key)
      }
    }
    condition.broadcast()
  }

  private func makeRoom(for size: Int) {
    while bytes + size > budget, oldestUse < uses.count {
      let (key, use) = uses[oldestUse]
      oldestUse += 1
      guard let entry = ready[key], entry.use == use else { continue }
      ready[key] = nil
      bytes -= entry.samples.count * MemoryLayout<Float>.size
    }
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
