import Foundation
import Testing

@testable import Adversarial

@Suite("Budgeted rejection")
struct BudgetedRejectionTests {
  /// Pilot samples of a discrete distribution: so many of each ratio.
  private func pilot(_ parts: [(ratio: Double, count: Int)]) -> [Double] {
    parts.flatMap { part in [Double](repeating: log(part.ratio), count: part.count) }
  }

  @Test("Of two values the rarer one is kept always and the other one as often as the share leaves")
  func twoValues() {
    // q = (3/4, 1/4), p = (1/2, 1/2): ratios 2/3 and 2. Keeping half: 3/4 x + 1/4 = 1/2 gives x = 1/3, which is p exactly.
    let half = BudgetedRejection(logRatios: pilot([(2.0 / 3, 3_000), (2, 1_000)]), keeping: 0.5)
    #expect(abs(half.acceptance(logRatio: log(2.0 / 3)) - 1.0 / 3) < 1e-9)
    #expect(half.acceptance(logRatio: log(2)) > 1 - 1e-9)
    #expect(abs(half.outlook.acceptance - 0.5) < 1e-9)
    #expect(half.outlook.totalVariation < 1e-9 && half.outlook.divergence < 1e-9)
    #expect(abs(half.outlook.effectiveShare - 1) < 1e-9)
    // Keeping 3/4: 3/4 x + 1/4 = 3/4 gives x = 2/3, and kept samples (2/3, 1/3).
    let more = BudgetedRejection(logRatios: pilot([(2.0 / 3, 3_000), (2, 1_000)]), keeping: 0.75)
    #expect(abs(more.acceptance(logRatio: log(2.0 / 3)) - 2.0 / 3) < 1e-9)
    #expect(abs(more.outlook.totalVariation - 1.0 / 6) < 1e-9)
    let divergence = 0.5 * log(0.75) + 0.5 * log(1.5)
    #expect(abs(more.outlook.divergence - divergence) < 1e-9)
    // The weights p / kept, 3/4 and 3/2, have the second moment 2/3 · 9/16 + 1/3 · 9/4 = 9/8.
    #expect(abs(more.outlook.effectiveShare - 8.0 / 9) < 1e-9)
  }

  @Test("The rule and its outlook do not depend on the ratios' scale")
  func scale() {
    let ratios = pilot([(0.2, 50), (1, 30), (3, 20)])
    let rule = BudgetedRejection(logRatios: ratios, keeping: 0.25)
    let scaled = BudgetedRejection(logRatios: ratios.map { $0 + 900 }, keeping: 0.25)
    #expect(abs(rule.acceptance(logRatio: 0) - scaled.acceptance(logRatio: 900)) < 1e-9)
    #expect(abs(rule.outlook.divergence - scaled.outlook.divergence) < 1e-9)
  }

  @Test("Keeping all keeps all, and leaves what there was")
  func all() {
    let rule = BudgetedRejection(logRatios: pilot([(0.5, 2), (1.5, 2)]), keeping: 1)
    #expect(rule.acceptance(logRatio: -800) == 1 && rule.outlook.acceptance == 1)
    #expect(abs(rule.outlook.totalVariation - 0.25) < 1e-12)
    #expect(abs(rule.outlook.divergence - (0.25 * log(0.5) + 0.75 * log(1.5))) < 1e-12)
    #expect(abs(rule.outlook.effectiveShare - 1 / 1.25) < 1e-12)
  }

  @Test("Ratios that are all alike keep the share at random")
  func alike() {
    let rule = BudgetedRejection(logRatios: [Double](repeating: 0, count: 10), keeping: 0.25)
    #expect(abs(rule.acceptance(logRatio: 0) - 0.25) < 1e-9)
    #expect(rule.outlook.totalVariation < 1e-9)
  }

  @Test("One ratio far above the others does not stop the rule")
  func outlier() {
    let rule = BudgetedRejection(
      logRatios: [Double](repeating: 0, count: 999) + [2_000], keeping: 0.25)
    #expect(abs(rule.outlook.acceptance - 0.25) < 1e-9)
    #expect(rule.outlook.totalVariation > 0.99 && rule.outlook.divergence.isFinite)
  }

  @Test(
    "Two Gaussians: what is left is what the reference table of this method says",
    arguments: [(0.51, 0.05, 0.0), (0.83, 0.20, 0.03), (1.35, 0.46, 0.19)])
  func gaussians(shift: Double, half: Double, quarter: Double) throws {
    let fake = try gaussianLogits(shift: shift, real: 1, fake: 20_000).fake
    let whole = shift * shift / 2
    for (kept, share) in [(0.5, half), (0.25, quarter)] {
      let rule = BudgetedRejection(logRatios: fake, keeping: kept)
      #expect(abs(rule.outlook.acceptance - kept) < 1e-9)
      #expect(abs(rule.outlook.divergence / whole - share) < 0.05)
    }
  }
}
