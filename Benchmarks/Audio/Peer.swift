import Foundation

/// A number to so many decimals.
func spelled(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// PyTorch in a process of its own, which answers a line for each line.
final class Peer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(python: String, script: String) throws {
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

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

  private func ask(_ question: String) throws -> [Double] {
    try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
    var answer = Data()
    while answer.last != UInt8(ascii: "\n") {
      let part = output.fileHandleForReading.availableData
      guard !part.isEmpty else { throw PeerFailure(description: "the peer ended at '\(question)'") }
      answer += part
    }
    let numbers = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
      Double($0)
    }
    guard !numbers.isEmpty else {
      throw PeerFailure(description: "the peer answered no number to '\(question)'")
    }
    return numbers
  }
}

/// A peer that does not answer.
struct PeerFailure: Error, CustomStringConvertible {
  let description: String
}
