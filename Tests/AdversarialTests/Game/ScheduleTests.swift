import Failures
import Foundation
import Testing

@testable import Adversarial

@Suite struct ScheduleTests {
  /// A spelling and its values at steps of a run of 101 steps, the first, the last and one past it among them.
  struct Golden: Sendable {
    let text: String
    let values: [Int: Double]
  }

  static let goldens = [
    Golden(text: "0.001", values: [0: 0.001, 50: 0.001, 100: 0.001, 101: 0.001]),
    Golden(text: "linear:1:0", values: [0: 1, 25: 0.75, 50: 0.5, 100: 0, 101: 0]),
    Golden(text: "cosine:1:0", values: [0: 1, 25: 0.8535533905932737, 50: 0.5, 100: 0, 500: 0]),
    Golden(text: "cosine:0.001:1e-05", values: [0: 0.001, 50: 0.000505, 100: 1e-5]),
    Golden(text: "exp:1:100", values: [0: 1, 25: 3.1622776601683795, 50: 10, 100: 100, 101: 100]),
    Golden(text: "exp:-1:-100", values: [0: -1, 50: -10, 100: -100]),
    Golden(text: "2,warm-up=4", values: [0: 0.5, 1: 1, 3: 2, 4: 2, 100: 2]),
    Golden(text: "linear:1:0,warm-up=20", values: [0: 0.05, 19: 1, 20: 1, 60: 0.5, 100: 0]),
    Golden(text: "linear:1:0,hold=0.5", values: [0: 1, 50: 1, 75: 0.5102040816326531, 100: 0]),
    Golden(text: "linear:1:0,warm-up=10,hold=0.5", values: [0: 0.1, 9: 1, 56: 1, 78: 0.5, 100: 0]),
    Golden(text: "linear:1:0,hold=1", values: [0: 1, 50: 1, 100: 1]),
  ]

  @Test(arguments: goldens) func valuesAreThoseOfTheFormula(golden: Golden) throws {
    let schedule = try Schedule(parsing: golden.text)
    for (step, expected) in golden.values {
      let value = schedule.value(at: step, of: 101)
      #expect(abs(value - expected) < 1e-12, "step \(step): \(value), expected \(expected)")
    }
  }

  @Test(arguments: goldens) func spellingsReadBack(golden: Golden) throws {
    let schedule = try Schedule(parsing: golden.text)
    #expect(schedule.description == golden.text)
    let json = try JSONEncoder().encode([schedule])
    #expect(try JSONDecoder().decode([Schedule].self, from: json) == [schedule])
  }

  @Test func aConstantIsANumberInJSON() throws {
    #expect(String(decoding: try JSONEncoder().encode([Schedule.constant(0.5)]), as: UTF8.self) == "[0.5]")
    let schedules = try JSONDecoder().decode([Schedule].self, from: Data(#"[3, "3", "linear:3:1"]"#.utf8))
    #expect(schedules == [3, 3, .linear(from: 3, to: 1)])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Schedule].self, from: Data(#"["line:3:1"]"#.utf8))
    }
  }

  @Test(arguments: ["linear:1:0", "cosine:1:0", "exp:1:0.1", "linear:1:0,hold=0.5", "linear:1:0,warm-up=3"])
  func shortRunsHaveValuesToo(text: String) throws {
    let schedule = try Schedule(parsing: text)
    for total in 0...4 {
      for step in 0...5 { #expect((0...1).contains(schedule.value(at: step, of: total))) }
    }
    #expect(try Schedule(parsing: "linear:1:0").value(at: 0, of: 1) == 1)
    #expect(try Schedule(parsing: "linear:1:0").value(at: 1, of: 2) == 0)
  }

  @Test(arguments: [
    "", "x", "linear", "linear:1", "linear:1:2:3", "cosine:a:1", "constant:1:1", "exp:0:1", "exp:-1:1", "inf",
    "nan",
    "linear:1:inf", "1,warm-up=-1", "1,warm-up=1.5", "1,hold=2", "1,hold=x", "1,", "1,cool=3", ",",
  ])
  func wrongSpellingsAreNamed(text: String) {
    #expect {
      _ = try Schedule(parsing: text)
    } throws: {
      ($0 as? UserError)?.category == .usage && String(describing: $0).contains("'\(text)'")
    }
  }
}
