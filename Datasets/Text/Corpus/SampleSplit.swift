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
      keep(sorted[start..<end], in: store, holdoutStart: holdoutStart, into: &kept)
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

  /// Keeps one sample per label of a group of equal texts, which comes in the order of the data.
  private mutating func keep(
    _ group: ArraySlice<Span>, in store: TextStore, holdoutStart: Int?,
    into kept: inout [(group: Span, sample: Span)]
  ) {
    guard let first = group.first else { return }
    if group.count == 1 {
      kept.append((first, first))
      return
    }
    let boundary = holdoutStart ?? Int.max
    let isInHoldout = group.contains { $0.offset >= boundary }
    var seen: Set<[Int]> = []
    for span in group {
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

  /// A span with eight of its bytes, those that the sort compares now.
  private struct Entry {
    var key: UInt64
    let span: Span

    static func precedes(_ left: Entry, _ right: Entry) -> Bool {
      left.key == right.key ? left.span < right.span : left.key < right.key
    }
  }

  /// Sorts by bytes, equal texts by their place in the data.
  ///
  /// Eight bytes at a time: entries that agree so far are sorted by the next eight. So each byte is read at
  /// most once, where comparing texts would read them again and again, from files larger than memory.
  private static func sortedByBytes(_ spans: [Span], in store: TextStore) -> [Span] {
    var entries = spans.map { Entry(key: 0, span: $0) }
    // A list of what is left instead of recursion, which long equal samples would drive too deep.
    var pending = [(range: entries.indices, position: 0)]
    while let (range, position) = pending.popLast() {
      for index in range { entries[index].key = key(of: entries[index].span, from: position, in: store) }
      entries[range].sort(by: Entry.precedes)
      var start = range.lowerBound
      while start < range.upperBound {
        let key = entries[start].key
        var end = start + 1
        while end < range.upperBound, entries[end].key == key { end += 1 }
        // Text has no NUL, so a last byte of zero means that all of these ended.
        if end - start > 1, key & 0xFF != 0 { pending.append((start..<end, position + 8)) }
        start = end
      }
    }
    return entries.map(\.span)
  }

  /// Eight bytes as one big-endian number, with zeros beyond the end of the text.
  private static func key(of span: Span, from position: Int, in store: TextStore) -> UInt64 {
    store.withBytes(of: span) { bytes in
      var key: UInt64 = 0
      for index in position..<(position + 8) {
        key = key << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0)
      }
      return key
    }
  }

  private static func haveEqualBytes(_ left: Span, _ right: Span, in store: TextStore) -> Bool {
    store.withBytes(of: left) { left in store.withBytes(of: right) { right in left.compare(to: right) == 0 } }
  }
}
