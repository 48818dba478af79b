import Failures
import TestSupport
import Testing

@testable import PointDatasets

/// Arrays in every order and type that NumPy saves.
@Suite struct ArrayAxesTests {
  /// Numbers that are neither two nor shares of one.
  private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 7 % 31) / 4 - 3 } }

  private static func numbers(_ shape: [Int]) -> [Float] { numbers(shape.reduce(1, *)) }

  private func open(_ bytes: [UInt8], axes: ArrayAxes? = nil, skipsBad: Bool = false) throws -> [SingleShape]
  {
    try withTemporaryFolder { folder in
      let stack = try ShapeFile.open(
        try folder.write("a.npy", bytes), points: 50, seed: .number(1),
        rules: ShapeRules(axes: axes, skipsBadRows: skipsBad))
      return try (0..<stack.count).map { try stack.shape(at: $0) }
    }
  }

  private func refusal(_ bytes: [UInt8], axes: ArrayAxes? = nil) -> String {
    #expect(throws: UserError.self) { try open(bytes, axes: axes) }?.message ?? ""
  }

  private static func file(_ shape: [Int], _ values: [Float]? = nil) -> [UInt8] {
    array("(\(shape.map { "\($0)," }.joined(separator: " ")))", values ?? numbers(shape))
  }

  /// What NumPy's `a[s, n, :3]` or `a[s, :3, n]` is, in C order.
  private static func expected(_ shape: [Int], _ axes: ArrayAxes) -> [[Float]] {
    let values = numbers(shape)
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    return stride(from: 0, to: values.count, by: rows * columns).map { start in
      (0..<(axes == .last ? rows : columns)).flatMap { point in
        (0..<3).map { axis in
          values[start + (axes == .last ? point * columns + axis : axis * columns + point)]
        }
      }
    }
  }

  @Test(
    arguments: [
      ([20, 3], .last, []), ([4, 20, 3], .last, []), ([2, 4, 20, 3], .last, []),
      ([3, 3, 3], .last, []), ([3, 3], .last, []), ([1, 20, 3], .last, []),
      ([3, 20], .first, ["arrays taken as [3, N] (--axes first)"]),
      ([4, 3, 20], .first, ["arrays taken as [S, 3, N] (--axes first)"]),
      ([3, 3, 20], .first, ["arrays taken as [S, 3, N] (--axes first)"]),
      ([20, 4], .last, ["a column behind x, y and z left out"]),
      ([4, 20, 4], .last, ["a column behind x, y and z left out"]),
      ([20, 20, 6], .last, ["3 columns behind x, y and z left out"]),
      ([20, 16], .last, ["13 columns behind x, y and z left out"]),
      (
        [2, 6, 20], .first,
        ["arrays taken as [S, 3, N] (--axes first)", "3 columns behind x, y and z left out"]
      ),
    ] as [([Int], ArrayAxes, [String])])
  func theAxisOfCoordinatesIsFound(shape: [Int], axes: ArrayAxes, notes: [String]) throws {
    let found = try open(Self.file(shape))
    #expect(found.map(\.cloud.coordinates) == Self.expected(shape, axes))
    #expect(found.allSatisfy { $0.notes == notes }, "\(found[0].notes)")
    #expect(try open(Self.file(shape), axes: axes).map(\.cloud) == found.map(\.cloud))
  }

  @Test(
    arguments: [
      ([5, 3, 6], "last or first"), ([3, 6], "last or first"), ([8, 8], "last or first"),
      ([4, 5, 6], "last or first"),
    ])
  func whatMayBeEitherIsAskedFor(shape: [Int], flags: String) throws {
    let message = refusal(Self.file(shape))
    #expect(message.contains("found an array of f4 of shape \(shape), expected points"), "\(message)")
    #expect(message.hasSuffix("; say which with --axes \(flags)"), "\(message)")
    for axes in [ArrayAxes.last, .first] {
      #expect(
        try open(Self.file(shape), axes: axes).map(\.cloud.coordinates) == Self.expected(shape, axes))
    }
    let cube = (0..<512).map { Float($0 % 100) / 99 }
    #expect(refusal(Self.file([8, 8, 8], cube)).hasSuffix("--axes last or first or grid"))
    #expect(try open(Self.file([8, 8, 8], cube), axes: .grid).map(\.cloud.count) == [50])
  }

  @Test func whatIsNoPointsAndNoGridIsRefused() {
    for shape in [[30, 40], [20, 30, 40], [20, 20, 20], [7]] {
      #expect(refusal(Self.file(shape)).contains("of shape \(shape), expected points"))
    }
    #expect(refusal(Self.file([2, 20]), axes: .first).contains("--axes first: found an array"))
    #expect(refusal(Self.file([20, 2]), axes: .last).contains("--axes last: found an array"))
    #expect(refusal(Self.file([20, 3]), axes: .grid).contains("found an array of f4 of shape [20, 3]"))
  }

  /// Two numbers, a cube of shares, truth values and whole numbers without an axis of coordinates are grids.
  @Test func gridsAreCertain() throws {
    let note = "arrays of numbers taken for voxel grids (--axes grid)"
    let two = (0..<120).map { Float($0 % 2) }
    let shares = (0..<8000).map { Float($0 % 100) / 99 }
    for (shape, values) in [([4, 5, 6], two), ([20, 20, 20], shares)] {
      let found = try open(Self.file(shape, values))
      #expect(found.count == 1 && found[0].cloud.count == 50 && found[0].notes == [note])
    }
    let truths = try open(array("|b1", "(2, 4, 5, 6)", Array(repeating: 1, count: 240)))
    #expect(truths.count == 2 && truths[0].notes.isEmpty && truths[0].cloud == truths[1].cloud)
    let classes = (0..<8000).map { UInt8($0 % 5) }
    #expect(try open(array("|u1", "(20, 20, 20)", classes)).map(\.cloud.count) == [50])
    // Coordinates that are whole numbers.
    let whole = (0..<60).flatMap { bytes(Int16($0 - 30)) }
    #expect(
      try open(array("<i2", "(20, 3)", whole)).map(\.cloud.coordinates)
        == [(0..<60).map { Float($0 - 30) }])
    #expect(try open(array("<i2", "(2, 10, 3)", whole)).map(\.cloud.count) == [10, 10])
  }

  /// `np.vstack((x, y, z)).T` is saved in Fortran order.
  @Test func fortranOrder() throws {
    let shape = [2, 4, 3]
    let values = Self.numbers(shape)
    var turned = values
    for s in 0..<2 {
      for n in 0..<4 {
        for axis in 0..<3 { turned[s + 2 * n + 8 * axis] = values[(s * 4 + n) * 3 + axis] }
      }
    }
    let stack = array("<f4", "(2, 4, 3)", turned.flatMap { bytes($0.bitPattern) }, order: "True")
    #expect(try open(stack).map(\.cloud.coordinates) == Self.expected(shape, .last))
    let deep = array("<f4", "(1, 2, 4, 3)", turned.flatMap { bytes($0.bitPattern) }, order: "True")
    #expect(try open(deep).map(\.cloud.coordinates) == Self.expected(shape, .last))
    let columns: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    let table = array("<f4", "(4, 3)", columns.flatMap { bytes($0.bitPattern) }, order: "True")
    #expect(try open(table).map(\.cloud.coordinates) == [[1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]])
    // A grid of which x = 1 is full lies between 1 and 2.
    let full = (0..<24).map { UInt8($0 % 2) }
    let grid = try open(array("|b1", "(2, 3, 4)", full, order: "True"))[0].cloud.coordinates
    #expect(stride(from: 0, to: 150, by: 3).allSatisfy { grid[$0] >= 1 && grid[$0] <= 2 })
  }

  @Test func everyTypeOfNumber() throws {
    let half: [UInt16] = [0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8000]
    let small: [Float] = [1, -2, 0.333251953125, 0x1p-24, 65504, -0.0]
    for isBig in [false, true] {
      let order = isBig ? ">" : "<"
      func file<Number: FixedWidthInteger>(_ type: String, _ numbers: [Number]) -> [UInt8] {
        array(order + type, "(2, 3)", numbers.flatMap { bytes(isBig ? $0.byteSwapped : $0) })
      }
      #expect(try open(file("f2", half))[0].cloud.coordinates == small)
      let whole: [Float] = [1, -2, 100, -100, 5, 0]
      #expect(try open(file("i1", [Int8](whole.map { Int8($0) })))[0].cloud.coordinates == whole)
      #expect(try open(file("i2", whole.map { Int16($0) }))[0].cloud.coordinates == whole)
      #expect(try open(file("i4", whole.map { Int32($0) }))[0].cloud.coordinates == whole)
      #expect(try open(file("i8", whole.map { Int64($0) }))[0].cloud.coordinates == whole)
      let natural: [Float] = [1, 200, 3, 4, 5, 6]
      #expect(try open(file("u1", natural.map { UInt8($0) }))[0].cloud.coordinates == natural)
      #expect(try open(file("u2", natural.map { UInt16($0) }))[0].cloud.coordinates == natural)
      #expect(try open(file("u4", natural.map { UInt32($0) }))[0].cloud.coordinates == natural)
      #expect(try open(file("u8", natural.map { UInt64($0) }))[0].cloud.coordinates == natural)
    }
    #expect(refusal(array("<f2", "(1, 3)", [0, 0x7c, 0, 0, 0, 0])).contains("not finite in row [0]"))
  }

  @Test func rowsThatAreNotFiniteAreLeftOutWhereAsked() throws {
    let values: [Float] = [1, 2, 3, .nan, 0, 0, 4, 5, 6, 0, 0, .infinity]
    let shape = try open(array("(4, 3)", values), skipsBad: true)[0]
    #expect(shape.cloud.coordinates == [1, 2, 3, 4, 5, 6] && shape.skippedRows == 2)
    #expect(shape.allNotes == ["2 rows with numbers that are not finite left out"])
    #expect(throws: UserError.self) { try open(array("(1, 3)", [.nan, 0, 0]), skipsBad: true) }
  }

  @Test func arraysOfAnArchiveAreChosenByName() throws {
    try withTemporaryFolder { folder in
      let (a, b) = (Self.file([20, 3]), Self.file([2, 3, 20]))
      let path = try folder.write("a.npz", archive([("one.npy", a), ("X_train.npy", b), ("xyz.npy", a)]))
      func read(_ name: String?) throws -> any ShapeStack {
        try ShapeFile.open(path, points: 1, seed: .ofContent, rules: ShapeRules(array: name))
      }
      #expect(try read("X_train").count == 2)
      #expect(try read("one").shape(at: 0).notes == [])
      #expect(try read(nil).shape(at: 0).notes == ["of several arrays xyz taken (--array)"])
      let error = #expect(throws: UserError.self) { try read("two") }
      #expect(
        error?.message
          == "\(path): --array two: found no such array, expected one of one, X_train, xyz")
    }
  }
}
