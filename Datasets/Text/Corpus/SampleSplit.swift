import Corpora

/// The distinct samples of a store, divided into a training, a validation and a held-out part.
///
/// Lines: the distinct lines are sorted by byte value and numbered from 0; those divisible by 10 are held
/// out. Windows: the distinct windows are numbered from 0 in the order of the data, by their first
/// occurrence; those divisible by 10 are held out. The others are numbered alike, and those divisible by 10 are
/// for validation, unless they are too few. With a held-out or a validation file its samples are that part, and
/// whatever occurs in them is taken from the parts before. So no text is ever in two parts, not even under
/// two labels.
struct SampleSplit {
  /// The offsets at which the samples of separate files begin; nil without such a file.
  struct Boundaries {
    var validation: Int?
    var heldOut: Int?

    /// The part that a sample was named for; nil for samples of the data.
    func part(of span: Span) -> CorpusPart? {
      if let heldOut, span.offset >= heldOut { return .heldOut }
      if let validation, span.offset >= validation { return .validation }
      return nil
    }
  }

  /// The samples of each part.
  private(set) var parts = PerPart { _ in [Span]() }
  /// Samples that repeat an earlier one of the same label and part.
  private(set) var duplicates = 0
  /// Distinct samples left out because a separate file has them too.
  private(set) var overlap = 0

  /// Divides samples.
  ///
  /// - Parameters:
  ///   - spans: all samples in the order of the data.
  ///   - store: their bytes.
  ///   - boundaries: where the samples of separate files begin.
  ///   - keepsOrder: true for windows, which are numbered and kept in the order of the data instead of by
  ///     byte value.
  init(_ spans: [Span], in store: TextStore, boundaries: Boundaries, keepsOrder: Bool) {
    let sorted = Self.sortedByBytes(spans, in: store)
    var kept: [(group: Span, sample: Span)] = []
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, Self.haveEqualBytes(sorted[start], sorted[end], in: store) { end += 1 }
      keep(sorted[start..<end], in: store, boundaries: boundaries, into: &kept)
      start = end
    }
    if keepsOrder { kept.sort { ($0.group, $0.sample) < ($1.group, $1.sample) } }

    divide(kept, boundaries: boundaries)
  }

  /// Gives each sample its part; equal texts stay together.
  private mutating func divide(_ kept: [(group: Span, sample: Span)], boundaries: Boundaries) {
    var (number, rest) = (-1, -1)
    var group: Span?
    var isHeldOut = false
    var candidates: [(sample: Span, isChosen: Bool)] = []
    for entry in kept {
      let named = boundaries.part(of: entry.sample)
      if entry.group != group {
        group = entry.group
        if named == nil { number += 1 }
        isHeldOut = named == nil && boundaries.heldOut == nil && number % HoldoutRule.heldOutEvery == 0
        if named == nil, !isHeldOut { rest += 1 }
      }
      if let part = isHeldOut ? .heldOut : named {
        parts[part].append(entry.sample)
      } else {
        candidates.append((entry.sample, rest % ValidationRule.every == 0))
      }
    }
    let chosen = candidates.count { $0.isChosen }
    let isSplit = boundaries.validation == nil && chosen >= ValidationRule.fewest
    for candidate in candidates {
      parts[isSplit && candidate.isChosen ? .validation : .training].append(candidate.sample)
    }
  }

  /// Keeps one sample per label of a group of equal texts, which comes in the order of the data.
  private mutating func keep(
    _ group: ArraySlice<Span>, in store: TextStore, boundaries: Boundaries,
    into kept: inout [(group: Span, sample: Span)]
  ) {
    guard let first = group.first else { return }
    if group.count == 1 {
      kept.append((first, first))
      return
    }
    struct Copy: Hashable {
      var label: Int?
      var part: CorpusPart?
    }
    let parts = Set(group.map { boundaries.part(of: $0) })
    var seen: Set<Copy> = []
    for span in group {
      let part = boundaries.part(of: span)
      if !seen.insert(Copy(label: store.label(of: span), part: part)).inserted {
        duplicates += 1
      } else if part != .heldOut && parts.contains(.heldOut) || part == nil && parts.contains(.validation) {
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
