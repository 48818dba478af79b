import TextDatasets

extension TextCorpus {
  /// What tells whether a sample is one of the training samples, however many these are.
  var copyTest: @Sendable ([Int32]) -> Bool {
    // Where ids and bytes say the same, the sorted lines answer. Windows are not sorted; unknown symbols, and graphemes
    // in their composed form, may be other bytes in the file.
    if options.window == nil, vocabulary.kind == .scalars, !vocabulary.hasUnknown {
      return { training.hasSample(vocabulary.decode($0)) }
    }
    // Hashes instead of samples: 64 bits of each fit into memory.
    let hashes = Set(training.indices.map { training.encoded($0).hashValue })
    return { hashes.contains($0.hashValue) }
  }
}
