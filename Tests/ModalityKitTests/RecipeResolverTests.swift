import Failures
import Files
import Testing

@testable import ModalityKit

@Suite struct RecipeResolverTests {
  enum Loss: String, Codable, CaseIterable {
    case hinge
    case wasserstein
  }

  enum Prior: Codable, Equatable {
    case normal
    case gamma(shape: Double, scale: Double)
  }

  struct Network: Codable, Equatable {
    var width = 64
    var slope = 0.2
    var widths = [8, 16]
  }

  struct Recipe: Codable, Equatable {
    var batch = 32
    var rate = 1.0
    var loss = Loss.hinge
    var prior = Prior.normal
    var labels: Int?
    var generator = Network()
    var discriminator = Network()
  }

  private func resolver() throws -> RecipeResolver<Recipe> { try RecipeResolver(defaults: Recipe()) }

  private func failure(_ body: (inout RecipeResolver<Recipe>) throws -> Void) throws -> UserError? {
    var resolver = try resolver()
    return #expect(throws: UserError.self) { try body(&resolver) }
  }

  @Test func defaultsStandWithTheirOrigins() throws {
    let resolved = try resolver().resolved()
    #expect(resolved.recipe == Recipe())
    #expect(Set(resolved.origins.values) == ["default"])
    #expect(
      resolved.origins.keys.sorted() == [
        "batch", "discriminator.slope", "discriminator.width", "discriminator.widths", "generator.slope",
        "generator.width", "generator.widths", "labels", "loss", "prior.normal", "rate",
      ])
  }

  @Test func laterLayersWin() throws {
    var resolver = try resolver()
    var small = Recipe()
    small.batch = 8
    small.generator.width = 16
    small.discriminator.width = 16
    try resolver.apply(small, from: .preset("small"))
    let file: JSONValue = .object([
      "generator": .object(["width": .int(24)]), "discriminator.slope": .double(0.1), "rate": .int(2),
    ])
    try resolver.apply(file, from: .file("runs/a/run.json"))
    try resolver.set("batch", to: 4, from: .flag("--batch"))
    try resolver.set("labels", to: nil as Int?, from: .flag("--labels"))

    let resolved = try resolver.resolved()
    var expected = Recipe()
    expected.batch = 4
    expected.rate = 2
    expected.generator.width = 24
    expected.discriminator.width = 16
    expected.discriminator.slope = 0.1
    #expect(resolved.recipe == expected)
    #expect(resolved.document[dotted: "rate"] == .double(2))
    #expect(
      resolved.origins.filter { $0.value != "default" } == [
        "batch": "flag --batch", "generator.width": "file runs/a/run.json", "rate": "file runs/a/run.json",
        "discriminator.width": "preset small", "discriminator.slope": "file runs/a/run.json",
      ])
  }

  @Test func anOptionalAndAnotherCaseCanBeSet() throws {
    var resolver = try resolver()
    try resolver.set("labels", to: 10, from: .flag("--labels"))
    let gamma: JSONValue = .object(["gamma": .object(["shape": .int(2), "scale": .double(1)])])
    try resolver.apply(.object(["prior": gamma]), from: .file("a.json"))
    let resolved = try resolver.resolved()
    #expect(resolved.recipe.labels == 10)
    #expect(resolved.recipe.prior == .gamma(shape: 2, scale: 1))
    #expect(resolved.origins["prior.gamma.shape"] == "file a.json")
    #expect(resolved.origins["prior.normal"] == nil)
  }

  static let unknown: [(key: String, message: String)] = [
    ("bach", "--x: found the unknown key bach; did you mean batch?"),
    ("generator.widht", "--x: found the unknown key generator.widht; did you mean generator.width?"),
    ("labels.x", "--x: found the unknown key labels.x; did you mean labels?"),
    ("zzzzzz", "--x: found the unknown key zzzzzz, expected a key of the recipe"),
  ]

  @Test(arguments: unknown) func unknownKeysSuggestTheNearest(key: String, message: String) throws {
    let error = try failure { try $0.set(key, to: 1, from: .flag("--x")) }
    #expect(error == UserError(.usage, message))
  }

  @Test func unknownKeysInsideAFileAreBadData() throws {
    let file: JSONValue = .object(["generator": .object(["width": .int(1), "slop": .int(2)])])
    let error = try failure { try $0.apply(file, from: .file("a.json")) }
    #expect(
      error
        == UserError(.badData, "a.json: found the unknown key generator.slop; did you mean generator.slope?"))
    let prior: JSONValue = .object(["prior": .object(["gama": .object([:])])])
    #expect(
      try failure { try $0.apply(prior, from: .file("a.json")) }?.message.contains("prior.gama") == true)
    #expect(try failure { try $0.apply(.int(1), from: .file("a.json")) }?.category == .badData)
  }

  static let mismatches: [(key: String, value: JSONValue, message: String)] = [
    ("batch", .string("big"), "--x: batch: found a text, \"big\", expected a whole number"),
    ("batch", .double(1.5), "--x: batch: found a number, 1.5, expected a whole number"),
    ("loss", .string("hing"), "--x: loss: found a text, \"hing\", expected one of hinge, wasserstein"),
    ("generator", .int(1), "--x: generator: found a whole number, 1, expected a record"),
    ("generator.widths", .int(1), "--x: generator.widths: found a whole number, 1, expected a list"),
  ]

  @Test(arguments: mismatches) func wrongTypesAreNamed(key: String, value: JSONValue, message: String) throws
  {
    let error = try failure { try $0.set(key, to: value, from: .flag("--x")) }
    #expect(error == UserError(.usage, message))
  }

  @Test func describesAsATable() throws {
    struct Small: Codable {
      var batch = 32
      var name = "a"
      var network = Inner()
      struct Inner: Codable { var width = 8 }
    }
    var resolver = try RecipeResolver(defaults: Small())
    try resolver.set("network.width", to: 16, from: .flag("--width"))
    #expect(
      try resolver.resolved().describe() == """
        batch         = 32   (default)
        name          = "a"  (default)
        network.width = 16   (flag --width)

        """)
  }

  @Test(arguments: [
    ("", "", 0), ("abc", "", 3), ("abc", "abd", 1), ("abc", "acb", 1), ("kitten", "sitting", 3),
  ])
  func editDistance(first: String, second: String, distance: Int) {
    #expect(NearestName.distance(first, second) == distance)
    #expect(NearestName.distance(second, first) == distance)
  }

  /// Deep records with long keys have dotted keys of a thousand times their size, and long names take long to compare.
  @Test func recordsMadeToTakeMemoryAreRefused() throws {
    let key = String(repeating: "k", count: 500)
    let leaves = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("\($0)", JSONValue.int(0)) })
    let deep = (0..<100).reduce(JSONValue.object(leaves)) { inner, _ in .object([key: inner]) }
    for place in ["labels", "generator.width", "prior"] {
      let error = try failure { try $0.apply(.object([place: deep]), from: .file("a.json")) }
      #expect(error?.category == .badData && error?.message.hasPrefix("a.json: ") == true)
      #expect((error?.message.count ?? 0) < 1000)
    }
    let long = String(repeating: "x", count: 1 << 19)
    let error = try failure { try $0.apply(.object([long: .int(1)]), from: .file("a.json")) }
    #expect(
      error?.message
        == "a.json: found the unknown key \(String(repeating: "x", count: 100))..., expected a key of the recipe"
    )
  }
}
