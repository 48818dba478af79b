import Testing

@testable import ModalityKit

/// What is said of columns that few samples have no numbers for.
@Suite struct EvaluationNeedsTests {
  private static let needs = [
    EvaluationNeed(["a", "b"], heldOut: 2), EvaluationNeed(["c"], heldOut: 10, training: 10),
  ]

  private func shortage(_ training: Int, _ heldOut: Int, isSame: Bool = false) -> EvaluationShortage? {
    EvaluationShortage(
      training: training, heldOut: heldOut, isHeldOutTraining: isSame, needs: Self.needs)
  }

  @Test func enoughIsNotMentioned() {
    #expect(shortage(10, 10) == nil)
    #expect(shortage(10, 10, isSame: true)?.notice == nil)
    #expect(shortage(10, 10, isSame: true)?.notes.count == 1)
  }

  @Test func columnsAreNamedWithWhatTheyNeed() {
    #expect(
      shortage(4, 1)?.notice
        == "note: with 4 to train on and 1 held out, 'evaluate' will not compute a, b (needs 2 held out); c (needs 10 "
        + "held out and 10 to train on); standard errors over fewer than 4 samples; --holdout names more")
    #expect(
      shortage(90, 5)?.notes
        == ["Not computed with 90 to train on and 5 held out: c (needs 10 held out)."])
    #expect(
      shortage(9, 50)?.notes
        == ["Not computed with 9 to train on and 50 held out: c (needs 10 to train on)."])
    #expect(shortage(1, 1, isSame: true)?.notes.count == 2)
  }
}
