import BenchmarkSupport

extension Peer {
  /// Makes the networks anew and answers their numbers of parameters.
  func prepare(length: Int, width: Int, threads: Int) throws -> [Int] {
    try ask("prepare \(length) \(width) \(threads)").map(Int.init)
  }

  /// Seconds of one task.
  func seconds(of task: Task, batch: Int) throws -> Double {
    switch task {
    case .iteration: try ask("step \(batch) 5")[0]
    case .shortIteration: try ask("step \(batch) 1")[0]
    case .generateOne: try ask("generate 1 10")[0] / 10
    case .generateMany: try ask("generate 64 1")[0]
    }
  }
}
