import Failures
import TestSupport
import Testing

@testable import PointDatasets

/// Tables of points as people and programs write them.
@Suite struct CoordinateTableTests {
  private static let places: [[Double]] = (0..<12).map { row in
    let (x, y, z) = (row * 5 % 7, row, row * row)
    return [Double(x) / 8 - 0.0625, -Double(y) / 16 - 0.03125, Double(z) + 0.5]
  }
  private static let cloud = PointCloud(places.flatMap { $0.map(Float.init) })

  private func open(_ name: String, _ text: String, skipsBad: Bool = false) throws -> SingleShape {
    try open(name, Array(text.utf8), skipsBad: skipsBad)
  }

  private func open(_ name: String, _ bytes: [UInt8], skipsBad: Bool = false) throws -> SingleShape {
    try withTemporaryFolder { folder in
      let path = try folder.write(name, bytes)
      #expect(ShapeFile.kind.isMember(name, path))
      return try ShapeFile.open(
        path, points: 1, seed: .ofContent, rules: ShapeRules(skipsBadRows: skipsBad)
      ).shape(at: 0)
    }
  }

  private func text(
    _ separator: String, before: (Int) -> [String] = { _ in [] }, after: (Int) -> [String] = { _ in [] },
    number: (Double) -> String = { "\($0)" }
  ) -> String {
    Self.places.enumerated().map { row, place in
      (before(row) + place.map(number) + after(row)).joined(separator: separator) + "\n"
    }.joined()
  }

  @Test(arguments: ["xyz", "txt", "csv", "tsv", "asc", "pts", "xyzn", "xyzrgb"])
  func everySeparator(kind: String) throws {
    for separator in [" ", "  ", "\t", ",", ", ", ";", "; ", " , "] {
      let shape = try open("a.\(kind)", text(separator))
      #expect(shape.cloud == Self.cloud && shape.notes.isEmpty, "\(separator)")
    }
  }

  @Test func decimalCommas() throws {
    for separator in [" ", "\t", ";", "; ", ", ", "   "] {
      let text = text(separator, number: { "\($0)".replacing(".", with: ",") })
      let shape = try open("a.xyz", text)
      #expect(shape.cloud == Self.cloud && shape.notes == ["decimal commas"], "\(separator)")
      #expect(try open("a.csv", "12\n" + text).cloud == Self.cloud)
    }
    // Nothing but commas, seen by the zeros behind them.
    let fixed = text(
      ",",
      number: { number in
        let digits = "\(abs(number))"
        let zeros = String(repeating: "0", count: 9 - digits.count)
        return (number < 0 ? "-" : "") + (digits + zeros).replacing(".", with: ",")
      })
    #expect(try open("a.csv", fixed).cloud == Self.cloud)
    // Whole numbers among them have no comma.
    #expect(try open("a.xyz", "1 2,5 3\n4,25 5 6\n").cloud.coordinates == [1, 2.5, 3, 4.25, 5, 6])
    #expect(try open("a.csv", "x;y;z\n1;2,5;3\n").cloud.coordinates == [1, 2.5, 3])
    // Commas between whole numbers are no decimal ones.
    #expect(try open("a.csv", "1,2,3\n4,5,6\n").cloud.coordinates == [1, 2, 3, 4, 5, 6])
    #expect(try open("a.csv", "1,2,3,4,5,6\n").cloud.coordinates == [1, 2, 3])
    #expect(try open("a.xyz", "0.5,1e3;-2\n").cloud.coordinates == [0.5, 1000, -2])
  }

  @Test func marksBetweenThousandsAreRefused() {
    for text in ["1.234,5 2.345,6 3.456,7\n", "1,234.5 2,345.6 3,456.7\n"] {
      let error = #expect(throws: UserError.self) { try open("a.xyz", text) }
      #expect(error?.message.contains("without a mark between thousands") == true)
    }
  }

  @Test func byteOrderMarksAndUTF16() throws {
    let plain = text(" ")
    #expect(try open("a.xyz", [0xef, 0xbb, 0xbf] + Array(plain.utf8)).cloud == Self.cloud)
    let units = Array(("x y z\n" + plain).utf16)
    let little: [UInt8] = [0xff, 0xfe] + units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let big: [UInt8] = [0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    #expect(try open("a.txt", little).cloud == Self.cloud)
    #expect(try open("a.csv", big).cloud == Self.cloud)
    #expect(
      try open("a.csv", [0xef, 0xbb, 0xbf] + Array(("x,y,z\n" + text(",")).utf8)).cloud == Self.cloud)
  }

  @Test func namesOfColumnsSayWhereThePlaceIs() throws {
    let colours = { (row: Int) in ["\(row * 20)", "7", "255"] }
    let cases: [(String, String, [String])] = [
      ("x,y,z\n", text(","), []),
      ("X Y Z\n", text(" "), []),
      ("\"x\";\"y\";\"z\"\n", text(";"), []),
      ("//X Y Z R G B\n12\n", text(" ", after: colours), ["columns R, G, B left out"]),
      ("# r g b x y z\n", text(" ", before: colours), ["columns r, g, b left out"]),
      ("r,g,b,x,y,z\n", text(",", before: colours), ["columns r, g, b left out"]),
      ("X [m] Y [m] Z [m]\n", text(" "), []),
      (",x,y,z\n", text(",", before: { ["\($0)"] }), ["1 column without a name left out"]),
      ("x y z\n", text(" ", before: { ["\"\($0)\""] }), ["1 column without a name left out"]),
      (
        ",x,y,z,w\n", text(",", before: { ["\($0)"] }, after: { ["\($0)"] }),
        [
          "columns w left out", "1 column without a name left out",
        ]
      ),
      ("Easting,Northing,Height\n", text(","), []),
      ("Points:0,Points:1,Points:2,Scalar\n", text(",", after: { ["\($0)"] }), ["columns Scalar left out"]),
      ("# x y z\n", text(" ", after: { ["\($0)"] }), ["1 column without a name left out"]),
      ("name x y z\n", text(" ", before: { ["p\($0)"] }), ["columns name left out"]),
    ]
    for (head, rows, notes) in cases {
      let shape = try open("a.csv", head + rows)
      #expect(shape.cloud == Self.cloud, "\(head)")
      #expect(
        shape.notes == notes, "\(head): \(shape.notes)")
    }
    let turned = try open("a.csv", "z,x,y\n3,1,2\n6,4,5\n")
    #expect(turned.cloud.coordinates == [1, 2, 3, 4, 5, 6])
  }

  @Test func columnsWithoutNames() throws {
    let behind = try open("a.pts", "12\n" + text(" ", after: { ["\($0)", "3", "4", "5"] }))
    #expect(behind.cloud == Self.cloud && behind.notes == ["4 columns behind the first three left out"])
    let one = try open("a.xyz", text(" ", after: { ["0.\($0)"] }))
    #expect(one.cloud == Self.cloud && one.notes == ["1 column behind the first three left out"])
    let index = try open("a.csv", text(",", before: { ["\($0 + 1)"] }))
    #expect(index.cloud == Self.cloud && index.notes == ["columns 2 to 4 of 4 taken as x, y and z"])
    let colours = try open("a.txt", text(" ", before: { ["\($0 * 20)", "0", "255"] }))
    #expect(colours.cloud == Self.cloud && colours.notes == ["columns 4 to 6 of 6 taken as x, y and z"])
    let intensity = try open("a.txt", text(" ", before: { ["\($0 * 37 % 11)"] }))
    #expect(intensity.cloud == Self.cloud)
    // Atoms: a title in the second line, and a letter before each place.
    let atoms = try open("a.xyz", "12\nwater, several\n" + text(" ", before: { _ in ["C"] }))
    #expect(atoms.cloud == Self.cloud && atoms.notes == ["1 column without numbers left out"])
    for separator in [",", ";", " ", "\t"] {
      let named = try open("a.csv", text(separator, before: { ["P\($0)"] }))
      #expect(named.cloud == Self.cloud, "\(separator)")
    }
    // Two scans, one behind the other.
    #expect(try open("a.pts", "1\n1 2 3\n2\n4 5 6\n7 8 9\n").cloud.count == 3)
  }

  @Test func missingNumbersAreNamedOrLeftOut() throws {
    let rows = [
      "1,2,3,9", "4,,6,9", "7,8,NA,9", "1,nan,1,9", "1.#QNAN,1,1,9", "5,5,-1.#IND,9", ",,,", "2,2,2,",
    ]
    let text = "x,y,z,i\n" + rows.joined(separator: "\n") + "\n"
    let error = #expect(throws: UserError.self) { try open("a.csv", text) }
    #expect(
      error?.message.hasSuffix("a.csv line 3: found '', expected a finite number in single precision") == true
    )
    let shape = try open("a.csv", text, skipsBad: true)
    #expect(shape.cloud.coordinates == [1, 2, 3, 2, 2, 2] && shape.skippedRows == 5)
    for (text, message) in [
      ("1 2 3\n4 5 1.#QNAN\n", "line 2: found '1.#QNAN', expected a finite number"),
      ("1 2 3 4\n1 2 3\n", "line 2: found 3 words, expected 4 as in the first line of numbers"),
      ("a b c d\n1 2 3 4\n", "line 1: found the columns a, b, c, d of 4, expected x, y and z among them"),
      ("1 2\n3 4\n", "line 1: found 2 words, expected at least 3"),
    ] {
      try withTemporaryFolder { folder in
        let path = try folder.write("a.xyz", text)
        let error = #expect(throws: UserError.self) { try ShapeFile.read(path, points: 1, seed: 0) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
      }
    }
  }

  @Test func otherTextsInAFolderAreNone() throws {
    try withTemporaryFolder { folder in
      for (name, text) in [
        ("notes.txt", "About these shapes, 3 of them.\nMore.\n"), ("list.txt", "chair_1\nchair_2\n"),
        ("meta.csv", "id,class,points,scale\n1,chair,2,3\n"), ("classes.csv", "0\n1\n2\n"),
        ("grid.asc", "ncols 4\nnrows 6\n"), ("pairs.txt", "1 2\n3 4\n"), ("empty.txt", ""),
      ] {
        let path = try folder.write(name, text)
        #expect(!ShapeFile.kind.isMember(name, path), "\(name)")
      }
    }
  }
}
