import Failures
import Files
import Foundation
import TestSupport
import Testing

@Suite struct InputFileTests {
  @Test func bytesAtAnyOffset() throws {
    try withTemporaryFolder { folder in
      let file = try OpenFile(try folder.write("a", [1, 2, 3, 4, 5]))
      #expect(file.size == 5)
      #expect(try file.bytes(at: 0, count: 2) == [1, 2])
      #expect(try file.bytes(at: 3, count: 9) == [4, 5])
      #expect(try file.bytes(at: 5, count: 1) == [])
      #expect(try file.bytes(at: -1, count: 1) == [])
    }
  }

  @Test func whatIsNoPlainFileIsNoInput() throws {
    try withTemporaryFolder { folder in
      for path in [folder.path, folder.path + "/none", "/dev/zero"] {
        let error = #expect(throws: UserError.self) { try OpenFile(path) }
        #expect(error?.category == .noInput)
        #expect(error?.message.hasPrefix("\(path): ") == true)
      }
    }
  }
}
