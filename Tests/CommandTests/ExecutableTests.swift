import Files
import Foundation
import TestSupport
import Testing

/// The executable that users get.
@Suite struct ExecutableTests {
  private func duel(_ words: String...) throws -> Command.Ending {
    let folder = try TemporaryFolder()
    return try Command("duel", words, in: folder.url).ending()
  }

  @Test func doctorFindsWhatTheSuiteRunsOn() throws {
    let ending = try duel("doctor", "--json")
    #expect(ending.code == 0, "\(ending.result)")
    guard case .array(let checks) = try ending.json[dotted: "checks"] else {
      Issue.record("no list")
      return
    }
    let names = checks.map { $0[dotted: "name"] }
    #expect(names.contains(.string("engine")) && names.contains(.string("sound files")))
  }

  @Test func helpNamesEveryModality() throws {
    let help = try duel("--help")
    #expect(help.code == 0)
    guard case .array(let list) = try duel("modalities", "--json").json[dotted: "modalities"] else {
      Issue.record("no list")
      return
    }
    for case .string(let name) in list.map({ $0[dotted: "name"] ?? .null }) {
      #expect(help.result.contains("\n  \(name) "))
      for verb in ["train", "generate", "evaluate", "info"] {
        #expect(try duel(name, verb, "--help").code == 0)
      }
    }
  }

  @Test func anUnknownCommandIsAUsageError() throws {
    let ending = try duel("dance")
    #expect(ending.code == 64)
    #expect(ending.remarks.hasPrefix("Error: "))
  }
}
