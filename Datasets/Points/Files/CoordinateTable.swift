import Corpora
import Failures

extension Mesh {
  /// Reads a table of points, as in XYZ, PTS, CSV and TXT files: a point a line, its columns found as `TableLayout` does. A
  /// first line of one number is the number of points; `#`, `//` and `%` begin comments.
  ///
  /// - Throws: `UserError` (bad data) that names file and line.
  init(table file: any ShapeBytes, _ rules: VertexRules) throws {
    let layout = try TableLayout(file, bytes: file.text())
    self.init(rules)
    notes = layout.notes
    var lines = layout.lines(of: file)
    var (announced, start): (Int?, Int) = (nil, 0)
    while try lines.next() {
      if lines.beginsComment || lines.line == layout.headerLine || lines.isBlank { continue }
      if let count = lines.count(among: layout.width), vertexCount - start == announced ?? 0 {
        (announced, start) = (count, vertexCount)
        continue
      }
      guard lines.count > layout.columns.max() || layout.hasDelimiters else {
        throw lines.damaged("found \(lines.count) words, expected at least \(layout.columns.max() + 1)")
      }
      guard lines.count >= layout.width || layout.hasDelimiters else {
        throw lines.damaged(
          "found \(lines.count) words, expected \(layout.width) as in the first line of numbers")
      }
      let place = try SIMD3(
        lines.value(layout.columns.x), lines.value(layout.columns.y), lines.value(layout.columns.z))
      guard place.isFinite || rules.skipsBad else {
        let column = (0..<3).first { !Float(place[$0]).isFinite }.map { layout.columns[$0] } ?? 0
        let word = column < lines.count ? "'\(lines.text(column))'" : "nothing"
        throw lines.damaged("found \(word), expected a finite number in single precision")
      }
      add(place)
    }
    if let announced, announced != vertexCount - start {
      throw file.damaged("the first line announces \(announced) points, found \(vertexCount - start)")
    }
  }
}

extension WordScanner {
  /// Whether the line is a comment of a kind that has two characters, or that of MATLAB.
  fileprivate var beginsComment: Bool { ["//", "%", "#"].contains { text(0).hasPrefix($0) } }

  /// Whether all words are empty, as in the lines that spreadsheets write below their last row.
  fileprivate var isBlank: Bool { (0..<count).allSatisfy { text($0).isEmpty } }

  /// What a line of too few words for a row announces: the number of rows, and perhaps of columns behind it.
  fileprivate func count(among width: Int) -> Int? {
    guard count <= 2, count < width, let number = Int(text(0)), number >= 0 else { return nil }
    return count == 1 || Int(text(1)) == width ? number : nil
  }

  /// A word as a number, not finite where it stands for none.
  fileprivate func value(_ index: Int) throws -> Double {
    index < count && !isMissing(index) ? try double(index) : .nan
  }

  /// Whether a word stands for a number that is missing.
  fileprivate func isMissing(_ index: Int) -> Bool {
    ["", "na", "n/a", "null", "none", "-"].contains(text(index).lowercased())
  }
}

/// How a text writes its points: what stands between numbers and in them, and which columns are x, y and z.
///
/// A line of names says where x, y and z are. Without one the first three columns of numbers are taken, behind an index or a
/// colour that shows in the first rows: numbers that count up, or whole ones before three that are none.
struct TableLayout {
  /// Which columns are x, y and z, from 0.
  private(set) var columns = SIMD3(0, 1, 2)
  /// How many columns a row has.
  private(set) var width = 0
  /// The number of the line of names; 0 without one.
  private(set) var headerLine = 0
  /// What was assumed, in words.
  private(set) var notes: [String] = []
  private let text: TableText

  /// Rows that are looked at before columns are chosen.
  private static let sampleRows = 256

  /// Whether commas or semicolons stand between fields, which may be empty.
  var hasDelimiters: Bool { !text.delimiters.isEmpty }

  /// Looks at the beginning of a text.
  ///
  /// - Throws: `UserError` (bad data) that names file and line, where no column can be told from others.
  init(_ file: any ShapeBytes, bytes: [UInt8]) throws {
    text = try TableText(file, bytes: bytes)
    if text.hasDecimalCommas { notes.append("decimal commas") }
    var lines = lines(of: file)
    var names: [String] = []
    var rows: [[Double?]] = []
    while rows.count < Self.sampleRows, try lines.next() {
      let numbers = (0..<lines.count).map { lines.isMissing($0) ? nil : try? lines.double($0) }
      let (width, count) = (numbers.count, numbers.count { $0 != nil })
      if lines.beginsComment || lines.isBlank || rows.isEmpty && width <= 2 && count == width { continue }
      if count >= 3 || count == width {
        rows.append(numbers)
      } else if rows.isEmpty {
        guard Self.places(in: names) == nil else { continue }
        (names, headerLine) = ((0..<width).map { lines.text($0) }, lines.line)
      } else {
        break
      }
    }
    guard let first = rows.first else {
      if !names.isEmpty {
        throw UserError(
          .badData, "\(file.name) line \(headerLine): found '\(names[0])', expected a number")
      }
      return
    }
    width = first.count
    try choose(names.isEmpty ? namesInComments(of: file) : names, rows, file)
  }

  /// Names of x, y and z in comments before the first row, as `//X Y Z Intensity`, which CloudCompare writes.
  private func namesInComments(of file: any ShapeBytes) throws -> [String] {
    var lines = lines(of: file, comment: nil)
    while try lines.next(), lines.beginsComment {
      let words = (0..<lines.count).map { lines.text($0) }
      let names = ([String(words[0].drop { "/#%".contains($0) })] + words.dropFirst()).filter { !$0.isEmpty }
      if Self.places(in: names) != nil { return names }
    }
    return []
  }

  /// The lines of the text.
  func lines(of file: any ShapeBytes, comment: Character? = "#") -> WordScanner {
    WordScanner(
      file, bytes: text.bytes, blanks: "\"", delimiters: text.delimiters, comment: comment)
  }

  private mutating func choose(_ names: [String], _ rows: [[Double?]], _ file: any ShapeBytes) throws {
    let numeric = rows[0].indices.filter { rows[0][$0] != nil }
    // Units in brackets are no names of columns. R leaves out the name of the column of row names.
    let titles = names.filter { !$0.hasPrefix("[") && !$0.hasPrefix("(") }
    if let places = Self.places(in: titles), titles.count <= width {
      let isShifted = titles.count == width - 1 && headerLine > 0 && Self.areRowNames(rows.map { $0[0] })
      columns = isShifted ? places &+ 1 : places
      let others = titles.indices.filter {
        ![places.x, places.y, places.z].contains($0) && !titles[$0].isEmpty
      }
      if !others.isEmpty {
        notes.append("columns \(others.prefix(9).map { titles[$0] }.joined(separator: ", ")) left out")
      }
      // Row numbers of pandas and row names of R are among these.
      let unnamed = width - 3 - others.count
      if unnamed > 0 { notes.append("\(CorpusReport.counted(unnamed, "column")) without a name left out") }
      return
    }
    // Words with blanks between them may be a title, as above atoms, and no names.
    let mayBeTitle = numeric.count == 3 && (!hasDelimiters || width == 3)
    guard mayBeTitle || titles.count != width && Self.places(in: titles) == nil else {
      throw UserError(
        .badData,
        "\(file.name) line \(headerLine): found the columns \(titles.prefix(9).joined(separator: ", ")) of "
          + "\(width), expected x, y and z among them")
    }
    guard numeric.count >= 3 else {
      throw UserError(
        .badData, "\(file.name): found \(width) words in the first line of numbers, expected at least 3")
    }
    let numbers = rows.map { row in numeric.map { row.indices.contains($0) ? row[$0] : nil } }
    let start = numeric.count == 3 ? 0 : Self.start(numbers)
    columns = SIMD3(numeric[start], numeric[start + 1], numeric[start + 2])
    if numeric.count < width {
      notes.append("\(CorpusReport.counted(width - numeric.count, "column")) without numbers left out")
    }
    guard numeric.count > 3 else { return }
    notes.append(
      start == 0
        ? "\(CorpusReport.counted(numeric.count - 3, "column")) behind the first three left out"
        : "columns \(start + 1) to \(start + 3) of \(numeric.count) taken as x, y and z")
  }

  /// The first column of a place, behind those of an index and of a colour.
  private static func start(_ rows: [[Double?]]) -> Int {
    let width = rows[0].count
    func isWhole(_ column: Int) -> Bool {
      rows.allSatisfy { $0[column].map { $0.rounded() == $0 } ?? true }
    }
    func isPlace(_ columns: Range<Int>) -> Bool {
      columns.upperBound <= width && !columns.contains(where: isWhole)
    }
    func isColour(_ columns: Range<Int>) -> Bool {
      rows.allSatisfy { row in columns.allSatisfy { row[$0].map { (0...255).contains($0) } ?? true } }
        && columns.allSatisfy(isWhole)
    }
    guard rows.count >= 8 else { return 0 }
    if areRowNames(rows.map { $0[0] }) { return 1 }
    if width >= 6, isColour(0..<3), isPlace(3..<6) { return 3 }
    // A scan of a plane has a constant coordinate.
    if isWhole(0), isPlace(1..<4), rows.contains(where: { $0[0] != rows[0][0] }) { return 1 }
    return 0
  }

  /// Whether a column counts up from 0 or 1, or has no numbers.
  private static func areRowNames(_ column: [Double?]) -> Bool {
    guard let base = column[0] else { return true }
    return (base == 0 || base == 1) && column.count > 1
      && column.enumerated().allSatisfy { $0.element == base + Double($0.offset) }
  }

  /// Where the names of x, y and z are.
  private static func places(in names: [String]) -> SIMD3<Int>? {
    let plain = names.map { name in
      let name = name.lowercased().filter { !"/#\"'".contains($0) }
      return String(name.prefix { $0 != "(" && $0 != "[" })
    }
    for triple in Self.names {
      let places = triple.map { axis in plain.firstIndex { axis.contains($0) } }
      if let x = places[0], let y = places[1], let z = places[2] { return SIMD3(x, y, z) }
    }
    return nil
  }

  /// What x, y and z are called, in lower case: by themselves, by ParaView, and by surveyors.
  private static let names: [[Set<String>]] = [
    [["x"], ["y"], ["z"]],
    [
      ["px", "pos_x", "x_coord", "coord_x", "point_x", "position_x", "points:0", "points_0"],
      ["py", "pos_y", "y_coord", "coord_y", "point_y", "position_y", "points:1", "points_1"],
      ["pz", "pos_z", "z_coord", "coord_z", "point_z", "position_z", "points:2", "points_2"],
    ],
    [
      ["easting", "east", "e"], ["northing", "north", "n"],
      ["elevation", "height", "altitude", "up", "z", "h"],
    ],
  ]
}

/// A table's text with decimal points, whatever it was written with, and what stands between its fields.
private struct TableText {
  /// The text.
  private(set) var bytes: [UInt8]
  /// Whether its numbers had decimal commas.
  private(set) var hasDecimalCommas = false
  /// Characters between two of which a field may be empty.
  private(set) var delimiters = ""

  /// Bytes that are looked at.
  private static let sample = 65_536
  private static let comma = UInt8(ascii: ",")

  init(_ file: any ShapeBytes, bytes: [UInt8]) throws {
    self.bytes = bytes
    let head = bytes.prefix(Self.sample)
    // A line that is cut has fewer commas.
    let end = head.count < bytes.count ? head.lastIndex { $0 == 0x0a || $0 == 0x0d } : nil
    let rows = Self.rows(of: end.map { head[..<$0] } ?? head)
    if rows.contains(where: { $0.contains(Self.comma) }) {
      let words = rows.map { $0.split { [0x20, 0x09, 0x22, UInt8(ascii: ";")].contains($0) } }
      if Self.areDecimal(rows, words) {
        hasDecimalCommas = true
        // A comma before a blank stands between numbers.
        self.bytes = Self.pointed(bytes) { _, next in Self.isBlank(next) ? 0x20 : UInt8(ascii: ".") }
      } else if Self.arePairs(rows) {
        hasDecimalCommas = true
        self.bytes = Self.pointed(bytes) { number, _ in number % 2 == 1 ? UInt8(ascii: ".") : Self.comma }
      } else if let word = words.filter({ $0.count >= 3 }).joined().first(where: Self.isGrouped) {
        throw file.damaged(
          "found '\(String(decoding: word, as: UTF8.self))', expected numbers without a mark between thousands"
        )
      }
    }
    let hasCommas = !hasDecimalCommas && rows.contains { $0.contains(Self.comma) } || Self.arePairs(rows)
    if hasCommas { delimiters.append(",") }
    if rows.contains(where: { $0.contains(UInt8(ascii: ";")) }) { delimiters.append(";") }
  }

  /// The lines of numbers at the beginning.
  private static func rows(of head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let allowed = Set("0123456789+-.,; \t\"eEnaNAifIF".utf8)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let lines = head.split { $0 == 0x0a || $0 == 0x0d }.prefix(1024)
    let rows = lines.filter { line in
      line.allSatisfy { allowed.contains($0) } && line.contains { digits.contains($0) }
    }
    guard rows.isEmpty else { return rows }
    // Every row may have a column of text.
    let comments = Set("#/%".utf8)
    return lines.filter { line in
      line.count { digits.contains($0) } >= 3 && line.first.map { !comments.contains($0) } == true
    }
  }

  /// Whether commas stand in numbers: words between blanks or semicolons have one at most, none has a point, and some comma
  /// has digits on both sides.
  private static func areDecimal(_ rows: [ArraySlice<UInt8>], _ words: [[ArraySlice<UInt8>]]) -> Bool {
    var isFound = false
    for (row, words) in zip(rows, words) {
      guard !row.contains(UInt8(ascii: ".")) else { return false }
      let inside = words.map { word in (word.last == comma ? word.dropLast() : word).count { $0 == comma } }
      guard inside.allSatisfy({ $0 <= 1 }) else { return false }
      guard inside.contains(1) else { continue }
      let isSure = row.contains(UInt8(ascii: ";")) || row.contains(0x09)
      guard words.count >= 3 || isSure else { return false }
      isFound = true
    }
    return isFound
  }

  /// Whether every second comma stands in a number, where nothing but commas stands between them: whole numbers never have
  /// a sign before a zero, nor a zero before their digits.
  private static func arePairs(_ rows: [ArraySlice<UInt8>]) -> Bool {
    var isSure = false
    let width = rows.first { $0.contains(comma) }?.count { $0 == comma } ?? 0
    guard width >= 5, width % 2 == 1 else { return false }
    for row in rows where row.contains(comma) {
      let fields = row.split(separator: comma, omittingEmptySubsequences: false)
      guard fields.count == width + 1,
        row.allSatisfy({ $0 == comma || $0 == 0x2d || (0x30...0x39).contains($0) })
      else { return false }
      for (number, field) in fields.enumerated() {
        if number % 2 == 0 {
          if field.elementsEqual([0x2d, 0x30]) { isSure = true }
        } else {
          guard !field.isEmpty, !field.contains(0x2d) else { return false }
          if field.count > 1, field.first == 0x30 { isSure = true }
        }
      }
    }
    return isSure
  }

  /// Whether a word is a number with marks between its thousands, as `1,234.5`.
  private static func isGrouped(_ word: ArraySlice<UInt8>) -> Bool {
    let marks = word.filter { $0 == comma || $0 == UInt8(ascii: ".") }
    guard let last = marks.last, marks.count >= 2, !marks.dropLast().contains(last) else { return false }
    let groups = word.split(omittingEmptySubsequences: false) { $0 == comma || $0 == UInt8(ascii: ".") }
    return groups.dropFirst().dropLast().allSatisfy { $0.count == 3 }
  }

  private static func isBlank(_ byte: UInt8?) -> Bool {
    byte.map { [0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ";"), 0x22].contains($0) } ?? true
  }

  /// A text with other commas.
  ///
  /// - Parameter mark: what stands instead of a comma, by its number in its line from 1, and the byte behind it.
  private static func pointed(_ bytes: [UInt8], mark: (Int, UInt8?) -> UInt8) -> [UInt8] {
    var text = bytes
    var number = 0
    for index in bytes.indices {
      if bytes[index] == 0x0a || bytes[index] == 0x0d { number = 0 }
      guard bytes[index] == comma else { continue }
      number += 1
      text[index] = mark(number, index + 1 < bytes.count ? bytes[index + 1] : nil)
    }
    return text
  }
}
