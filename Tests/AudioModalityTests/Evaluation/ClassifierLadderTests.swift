import Metrics
import Testing

@testable import AudioModality

@Suite("Ladder of known quality")
struct ClassifierLadderTests {
  /// Right labels in the order of the rungs, of 300 sounds each.
  private static let good = [98.0, 97, 90, 60, 0, 90, 50, 10, 40, 30]

  private func ladder(_ shares: [Double]...) -> ClassifierLadder {
    ClassifierLadder(
      steps: shares.map { shares in
        shares.map { share in
          let right = Score(percentage: Int((3 * share).rounded()), of: 300)
          return .init(right: right, rejected: Score(100 - right.value))
        }
      }, count: 300)
  }

  @Test("One that falls along every chain passes, also where hiss through bands stays hiss")
  func passes() {
    #expect(ladder(Self.good).failure(of: 0) == nil)
    #expect(ladder([100, 100, 99, 99, 5, 100, 100, 100, 100, 40]).failure(of: 0) == nil)
    // A rise within errors is none.
    #expect(ladder([98, 99, 90, 60, 0, 90, 50, 52, 40, 30]).failure(of: 0) == nil)
  }

  @Test("One that rises, or does not fall where every sound is hidden, fails and says where")
  func fails() throws {
    var risen = Self.good
    risen[7] = 70
    #expect(
      ladder(risen).failure(of: 0)
        == "it ranks sounds of known quality wrongly: right label of 8 bands 50 %, 4 bands 70 %")
    var deaf = Self.good
    deaf[9] = 97
    #expect(
      ladder(deaf).failure(of: 0)
        == "it does not tell broken sounds: right label of real 98 %, two at once 97 %")
    #expect(ladder(Self.good, deaf).failure(of: 0) == nil && ladder(Self.good, deaf).failure(of: 1) != nil)
  }

  @Test("Two have to agree")
  func agreement() throws {
    #expect(ladder(Self.good).agreement == nil && ladder(Self.good).disagreement == nil)
    #expect(ladder(Self.good, Self.good.map { $0 / 2 }).agreement == 1)
    let other = ladder(Self.good, [98, 97, 90, 2, 0, 4, 3, 1, 96, 80])
    #expect(try #require(other.agreement) < ClassifierLadder.agreementLimit)
    #expect(other.disagreement?.contains("rank sounds of known quality differently") == true)
    #expect(other.description.contains("real 98 (2) / 98 (2), at 20 dB 97 (3) / 97 (3)"))
    // Not a number is no agreement.
    #expect(ladder(Self.good, Array(repeating: 50, count: 10)).disagreement != nil)
  }

  @Test("Rank correlations are Spearman's, with ties shared")
  func ranks() {
    #expect(RankCorrelation.spearman([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
    #expect(RankCorrelation.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
    // 1 - 6 · 4 / (5 · 24), as in any textbook.
    #expect(abs(RankCorrelation.spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) - 0.8) < 1e-12)
    // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3: 4.5 / sqrt(4.5 · 5).
    #expect(abs(RankCorrelation.spearman([1, 2, 2, 3], [1, 2, 3, 4]) - 0.9.squareRoot()) < 1e-12)
  }
}
