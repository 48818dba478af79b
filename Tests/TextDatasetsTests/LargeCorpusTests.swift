import Foundation
import TestSupport
import Testing

@testable import TextDatasets

@Suite struct LargeCorpusTests {
  @Test func anIndexEntryIsEightBytes() {
    #expect(MemoryLayout<Span>.stride == 8)
    let span = Span(offset: Span.largestOffset - 1, length: Span.largestLength)
    #expect(span.offset == Span.largestOffset - 1)
    #expect(span.length == Span.largestLength)
    #expect(Span(offset: 5, length: 900) < Span(offset: 6, length: 1))
  }

  @Test func twoHundredThousandLinesOfAMappedFile() throws {
    try withTemporaryFolder { folder in
      // A full cycle modulo a prime visits every number once, in an order that is not sorted.
      let modulus = 200_003
      var bytes: [UInt8] = []
      bytes.reserveCapacity(modulus * 14)
      for index in 0..<modulus {
        bytes += Array("common ".utf8)
        let number = String(index * 7919 % modulus)
        bytes += repeatElement(UInt8(ascii: "0"), count: 6 - number.utf8.count)
        bytes += Array(number.utf8)
        bytes.append(UInt8(ascii: "\n"))
      }
      let corpus = try TextCorpus(path: try folder.write("large.txt", bytes))
      #expect(corpus.heldOut.count == 20_001)
      #expect(corpus.validation.count == 18_001)
      #expect(corpus.training.count == 162_001)
      #expect(corpus.heldOut[12_345] == "common 123450")
      #expect(corpus.validation[0] == "common 000001")
      #expect(corpus.training[0] == "common 000002")
      #expect(corpus.training[162_000] == "common 200002")
      #expect(corpus.training.hasSample("common 199999"))
      #expect(corpus.vocabulary.count == 16)
      #expect(corpus.training.symbolCount == 162_001 * 13)
    }
  }
}
