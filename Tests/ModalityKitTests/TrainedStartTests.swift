import Testing
import Torch

@testable import ModalityKit

/// What a run takes over of another one's networks.
@Suite struct TrainedStartTests {
  @Test func rowsFollowTheirNames() throws {
    let rows = NamedRows(
      from: RowNames("symbols", ["a", "b", "c"]), to: RowNames("symbols", ["c", "x", "a", "y"]))
    #expect(rows.places == [2, nil, 0, nil])
    #expect(rows.added == ["x", "y"] && rows.dropped == ["b"])
    let old = try Tensor([1, 1, 2, 2, 3, 3] as [Float], shape: [3, 2])
    let fresh = try Tensor([-1, -1, -2, -2, -3, -3, -4, -4] as [Float], shape: [4, 2])
    let taken = try #require(try rows.rows(of: old, else: fresh))
    #expect(try taken.array(of: Float.self) == [3, 3, -2, -2, 1, 1, -4, -4])
  }

  @Test func rowsOfAnotherShapeAreNotTaken() throws {
    let rows = NamedRows(from: RowNames("labels", ["a", "b"]), to: RowNames("labels", ["b"]))
    let fresh = try Tensor.zeros([1, 2])
    #expect(try rows.rows(of: Tensor.zeros([2, 3]), else: fresh) == nil)
    #expect(try rows.rows(of: Tensor.zeros([1, 2]), else: fresh) == nil)
    #expect(try rows.rows(of: Tensor.zeros([2]), else: fresh) == nil)
    #expect(try rows.rows(of: Tensor.zeros([2, 2]), else: fresh) != nil)
  }

  @Test func whatWasTakenIsSaid() {
    var taken = TakenParameters()
    taken.take("a.weight", of: .generator)
    taken.take(
      "b.weight", of: .discriminator,
      rows: NamedRows(from: RowNames("labels", ["p", "q"]), to: RowNames("labels", ["q", "r"])))
    taken.leave("c.weight", of: .discriminator, "is [1], expected [2]")
    #expect(
      taken.words == [
        "generator: all 1 parameters",
        "discriminator: 1 of 2 parameters; fresh: c.weight, which is [1], expected [2]",
        "labels: 1 of 2 by name; fresh: r; not needed: p",
      ])
    #expect(taken.count == 2)
  }
}
