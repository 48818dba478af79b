import Foundation

/// Another program in a process of its own, which answers a line of numbers for each line.
public final class Peer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts a Python script.
  public init(python: String, script: String) throws {
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

  /// Asks for one task, and answers the numbers that come back, at least one.
  ///
  /// - Throws: `PeerFailure` when the peer has ended or answers something else.
  public func ask(_ question: String) throws -> [Double] {
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
public struct PeerFailure: Error, CustomStringConvertible {
  /// What was asked, and what came.
  public let description: String
}
