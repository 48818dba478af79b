extension JSONValue {
  /// The document on one line without spaces, keys sorted: equal values give equal bytes.
  public var text: String {
    var result = ""
    append(to: &result, indent: nil)
    return result
  }

  /// The document over several lines, indented by two spaces, keys sorted, with a final line break.
  public var prettyText: String {
    var result = ""
    append(to: &result, indent: 0)
    return result + "\n"
  }

  private func append(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value):
      // Swift prints the shortest digits that read back as the same number, in a form JSON accepts.
      if value.isFinite {
        text += value.description
      } else {
        JSONValue(number: value).append(to: &text, indent: nil)
      }
    case .string(let value): Self.append(quoted: value, to: &text)
    case .array(let values):
      // A list of plain values stays on one line: shapes and the like read better so.
      let plain = values.allSatisfy { $0.isPlain }
      Self.append(values, "[", "]", to: &text, indent: plain ? nil : indent, spaced: indent != nil) {
        $0.append(to: &$1, indent: $2)
      }
    case .object(let members):
      let sorted = members.sorted { precedes($0.key, $1.key) }
      Self.append(sorted, "{", "}", to: &text, indent: indent, spaced: false) { member, text, indent in
        Self.append(quoted: member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.append(to: &text, indent: indent)
      }
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func append<Item>(
    _ items: [Item], _ opening: String, _ closing: String, to text: inout String, indent: Int?, spaced: Bool,
    item append: (Item, inout String, Int?) -> Void
  ) {
    text += opening
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { text += inner == nil && spaced ? ", " : "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      append(item, &text, inner)
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += closing
  }

  private static func append(quoted value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
