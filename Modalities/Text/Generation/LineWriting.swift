import Files
import Foundation
import ModalityKit

extension GenerationRequest {
  /// Writes lines as they come, to the file that was asked for or to standard output.
  ///
  /// A file appears whole or not at all.
  /// - Parameter lines: calls its argument with each line, without a line break.
  /// - Returns: the file; nothing for standard output.
  func writeLines(_ lines: (_ body: (String) throws -> Void) throws -> Void) throws -> [URL] {
    if let output {
      try AtomicFile.write(to: output) { file in
        try lines { try file.write($0 + "\n") }
      }
      return [output]
    }
    // Gathered, since each write is a call of the system; whole lines, since a reader may stop at any.
    var gathered = ""
    try lines { line in
      gathered += line + "\n"
      if gathered.utf8.count >= 1 << 14 {
        try write(gathered)
        gathered = ""
      }
    }
    if !gathered.isEmpty { try write(gathered) }
    return []
  }
}
