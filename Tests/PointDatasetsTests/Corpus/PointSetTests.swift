import Failures
import Foundation
import TestSupport
import Testing

@testable import PointDatasets

@Suite struct PointSetTests {
  private func rows(_ coordinates: [Float]) -> [[Float]] {
    stride(from: 0, to: coordinates.count, by: 3).map { Array(coordinates[$0..<$0 + 3]) }
  }

  private func corpus(_ folder: TemporaryFolder, shapes: Int = 4, points: Int = 50, budget: Int = 1 << 30)
    throws -> PointCorpus
  {
    for index in 0..<shapes { try folder.cloud("\(10 + index).npy", scatter(points, seed: index)) }
    return try PointCorpus(
      path: folder.path, options: PointCorpusOptions(points: 16), memoryBudget: budget)
  }

  @Test func samplesAreDrawnWithoutReplacement() throws {
    try withTemporaryFolder { folder in
      let set = try corpus(folder).training
      let all = Set(rows(try set.shape(at: 0).coordinates))
      let sample = rows(try set.points(at: 0, count: 30, draw: 5))
      #expect(sample.count == 30 && Set(sample).count == 30 && all.isSuperset(of: sample))
      #expect(try set.points(at: 0, count: 30, draw: 5) == sample.flatMap(\.self))
      #expect(try set.points(at: 0, count: 30, draw: 6) != sample.flatMap(\.self))
      #expect(try Set(rows(set.points(at: 0, count: 50, draw: 1))) == all)
      #expect(try set.points(at: 0, count: 0, draw: 1).isEmpty)
    }
  }

  @Test func eachPointIsAsProbable() throws {
    try withTemporaryFolder { folder in
      let set = try corpus(folder, points: 10).training
      var counts: [[Float]: Int] = [:]
      for draw in 0..<2000 {
        for row in rows(try set.points(at: 0, count: 3, draw: UInt64(draw))) { counts[row, default: 0] += 1 }
      }
      // Binomial with mean 600 and deviation 20.5.
      #expect(counts.count == 10 && counts.values.allSatisfy { abs($0 - 600) < 100 })
    }
  }

  @Test func whereThereAreTooFewAllAreRepeatedEvenly() throws {
    try withTemporaryFolder { folder in
      let set = try corpus(folder, points: 10).training
      var counts: [[Float]: Int] = [:]
      for row in rows(try set.points(at: 1, count: 34, draw: 3)) { counts[row, default: 0] += 1 }
      #expect(counts.values.sorted() == Array(repeating: 3, count: 6) + Array(repeating: 4, count: 4))
    }
  }

  @Test func streamedSetsAreThoseInMemory() throws {
    try withTemporaryFolder { folder in
      let kept = try corpus(folder, shapes: 22)
      #expect(!kept.report.isStreamed && kept.training.waitingSeconds == 0)
      for budget in [0, 700, 3000] {
        let streamed = try PointCorpus(
          path: folder.path, options: kept.options, memoryBudget: budget)
        #expect(streamed.report.isStreamed)
        #expect(streamed.fingerprint == kept.fingerprint)
        streamed.training.prefetch(Array(0..<10))
        for index in 0..<streamed.training.count {
          #expect(
            try streamed.training.points(at: index, count: 16, draw: 3)
              == kept.training.points(at: index, count: 16, draw: 3))
        }
        #expect(try streamed.heldOut.all() == kept.heldOut.all())
        #expect(streamed.heldOut.waitingSeconds > 0)
      }
    }
  }

  @Test func filesThatChangeAreNoticed() throws {
    try withTemporaryFolder { folder in
      let set = try corpus(folder, budget: 0).training
      try folder.cloud("11.npy", scatter(20, seed: 1))
      try FileManager.default.removeItem(atPath: folder.path + "/12.npy")
      let changed = #expect(throws: UserError.self) { try set.shape(at: 0) }
      #expect(changed?.message == "\(folder.path)/11.npy: the file has changed since it was opened")
      let gone = #expect(throws: UserError.self) { try set.shape(at: 1) }
      #expect(gone?.category == .noInput)
    }
  }
}
