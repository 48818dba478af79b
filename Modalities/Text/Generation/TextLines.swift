import TextDatasets

extension TextFormat {
  /// A sample as one line of text.
  ///
  /// Windows may hold line feeds; there a line feed is written as `\n`, a carriage return as `\r` and a backslash as
  /// `\\`, so that one line is one sample and nothing is lost. Lines are written as they are.
  func line(of sample: [Int32]) -> String {
    let text = vocabulary.decode(sample)
    guard !hasEnd else { return text }
    var line = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
