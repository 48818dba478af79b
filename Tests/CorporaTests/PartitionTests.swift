import Corpora
import Failures
import Testing

@Suite struct PartitionTests {
  /// Items of different content, `parts` of them named.
  private func items(_ count: Int, named parts: [Int: CorpusPart] = [:]) -> [Partition.Item] {
    (0..<count).map { Partition.Item(index: $0, digest: "\($0)", part: parts[$0]) }
  }

  @Test func everyTenthOfEachLabelThatIsLeftIsForValidation() {
    let heldOut = Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: 220, by: 10).map { ($0, CorpusPart.heldOut) })
    let labels: [String?] = (0..<220).map { $0 < 110 ? "a" : "b" }
    let partition = Partition(items(220, named: heldOut), labels: labels)
    #expect(partition.heldOut == Array(stride(from: 0, to: 220, by: 10)))
    // Of a label's 99 others, 1 to 9, 11 to 19 and so on, the first, the eleventh, ...
    let ofA = [1, 12, 23, 34, 45, 56, 67, 78, 89, 101]
    #expect(partition.validation == ofA + ofA.map { $0 + 110 })
    #expect(partition.training.count == 220 - 22 - 20)
    #expect(Set(partition.training).isDisjoint(with: partition.validation + partition.heldOut))
  }

  @Test func smallSetsHaveNoValidationPart() {
    #expect(Partition(items(90), labels: Array(repeating: nil, count: 90)).validation.isEmpty)
    let large = Partition(items(91), labels: Array(repeating: nil, count: 91))
    #expect((large.training.count, large.validation.count) == (81, 10))
  }

  @Test func namedItemsReplaceTheRuleAndAreNotTrainedOn() {
    var items = items(200, named: [7: .heldOut, 8: .validation, 9: .validation])
    // The same content as in a named part is left out, and what is held out is not chosen by.
    items[20].digest = "7"
    items[21].digest = "8"
    items[9].digest = "7"
    let partition = Partition(items, labels: Array(repeating: nil, count: 200))
    #expect(partition.heldOut == [7] && partition.validation == [8])
    #expect(partition.training.count == 200 - 5 && partition.overlap == [9, 20, 21])
  }

  @Test func oneContentUnderTwoLabelsStaysInOnePart() {
    // Item 100 + k repeats item k under another label; "c" has one item, a copy of one that would be chosen.
    var items = items(201)
    for index in 0..<100 { items[100 + index].digest = "\(index)" }
    items[200].digest = "10"
    let labels: [String?] = (0..<200).map { $0 < 100 ? "a" : "b" } + ["c"]
    let partition = Partition(items, labels: labels)
    let digests = { (part: [Int]) in Set(part.map { items[$0].digest }) }
    #expect(!partition.validation.isEmpty)
    #expect(digests(partition.training).isDisjoint(with: digests(partition.validation)))
    #expect(partition.training.contains(200))
  }
}
