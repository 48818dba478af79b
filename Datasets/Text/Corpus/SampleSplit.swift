/// The distinct samples of a store, divided into a training and a held-out part.
///
/// Lines: the distinct lines are sorted by byte value and numbered from 0; those divisible by 10 are held
/// out. Windows: the distinct windows are numbered from 0 in the order of the data, by their first
/// occurrence; those divisible by 10 are held out. With a held-out file its samples are held out, and
/// whatever occurs in them is taken from the training part. So no text is ever in both parts, not even under
/// two labels.
struct SampleSplit {
  /// Every how many distinct samples one is held out.
  static let heldOutEvery = 10

  private(set) var training: [Span] = []
  private(set) var heldOut: [Span] = []
  /// Samples that repeat an earlier one of the same label and part.
  private(set) var duplicates = 0
  /// Distinct training samples left out because the held-out file has them too.
  private(set) var overlap = 0

  /// Divides samples.
  ///
  /// - Parameters:
  ///   - spans: all samples in the order of the data.
  ///   - store: their bytes.
  ///   - holdoutStart: the offset from which on samples come from the held-out file, nil without one.
  ///   - keepsOrder: true for windows, which are numbered and kept in the order of the data instead of by
  ///     byte value.
  init(_ spans: [Span], in store: TextStore, holdoutStart: Int?, keepsOrder: Bool) {
    let sorted = Self.sortedByBytes(spans, in: store)
    var kept: [(group: Span, sample: Span)] = []
    kept.reserveCapacity(sorted.count)
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, Self.haveEqualBytes(sorted[start], sorted[end], in: store) { end += 1 }
      keep(sorted[start..<end].map(\.span), in: store, holdoutStart: holdoutStart, into: &kept)
      start = end
    }
    if keepsOrder { kept.sort { ($0.group, $0.sample) < ($1.group, $1.sample) } }

    var number = -1
    var group: Span?
    for entry in kept {
      if entry.group != group {
        group = entry.group
        number += 1
      }
      let isHeldOut = holdoutStart.map { entry.sample.offset >= $0 } ?? (number % Self.heldOutEvery == 0)
      if isHeldOut { heldOut.append(entry.sample) } else { training.append(entry.sample) }
    }
  }

  /// Keeps one sample per label of a group of equal texts.
  private mutating func keep(
    _ group: [Span], in store: TextStore, holdoutStart: Int?, into kept: inout [(group: Span, sample: Span)]
  ) {
    guard group.count > 1 else {
      kept.append((group[0], group[0]))
      return
    }
    let first = group.min() ?? group[0]
    let boundary = holdoutStart ?? Int.max
    let isInHoldout = group.contains { $0.offset >= boundary }
    var seen: Set<[Int]> = []
    for span in group.sorted() {
      let isTraining = span.offset < boundary
      let isNew = seen.insert([store.label(of: span) ?? -1, isTraining ? 0 : 1]).inserted
      if !isNew {
        duplicates += 1
      } else if isTraining, isInHoldout {
        overlap += 1
      } else {
        kept.append((first, span))
      }
    }
  }

  /// A span with its first eight bytes, so that sorting seldom reads the files.
  private struct Entry {
    let key: UInt64
    let span: Span
  }

  private static func sortedByBytes(_ spans: [Span], in store: TextStore) -> [Entry] {
    var entries = spans.map { span in Entry(key: key(of: span, in: store), span: span) }
    entries.sort { left, right in
      if left.key != right.key { return left.key < right.key }
      let order = compare(left.span, right.span, in: store)
      return order == 0 ? left.span < right.span : order < 0
    }
    return entries
  }

  private static func haveEqualBytes(_ left: Entry, _ right: Entry, in store: TextStore) -> Bool {
    left.key == right.key && compare(left.span, right.span, in: store) == 0
  }

  /// The first eight bytes as one big-endian number. Text has no NUL, so zeros beyond its end sort it first.
  private static func key(of span: Span, in store: TextStore) -> UInt64 {
    store.withBytes(of: span) { bytes in
      var key: UInt64 = 0
      for index in 0..<8 { key = key << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
      return key
    }
  }

  /// Negative, zero or positive as the left text's bytes sort before, equal or after the right's.
  static func compare(_ left: Span, _ right: Span, in store: TextStore) -> Int {
    store.withBytes(of: left) { left in store.withBytes(of: right) { right in left.compare(to: right) } }
  }
}
