import Files
import Foundation
import TestSupport
import Testing

/// `scripts/setup` takes nothing out of a wheel that is not the pinned one.
@Suite struct SetupTests {
  private static let wheel = "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
  private static let content = "not a wheel"
  private static let digest: String = {
    var digest = SHA256()
    digest.update(content)
    return digest.hexDigest()
  }()

  private let folder: TemporaryFolder
  private let script: String

  /// The script in a folder of its own, beside which it would install.
  init() throws {
    folder = try TemporaryFolder()
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("scripts/setup")
    script = try folder.write("checkout/scripts/setup", InputFile.bytes(of: file))
  }

  private func setUp(_ arguments: [String], environment: [String: String] = [:]) throws -> (
    code: Int32, remarks: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [script] + arguments
    let inherited = ProcessInfo.processInfo.environment.filter {
      !["LIBTORCH", "DUEL_UNPINNED"].contains($0.key)
    }
    process.environment = inherited.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let remarks = Pipe()
    process.standardError = remarks
    try process.run()
    let text = try remarks.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  @Test(arguments: [[:], ["DUEL_UNPINNED": "1"]])
  func anotherContentIsNamedWithBothDigests(environment: [String: String]) throws {
    let path = try folder.write(Self.wheel, Self.content)
    let (code, remarks) = try setUp(["--verify", path], environment: environment)
    #expect(code == 65)
    #expect(remarks.hasPrefix("setup: \(Self.wheel): found SHA-256 \(Self.digest), expected 6746dbcb"))
  }

  @Test func unknownWheelsAreTakenWhereThatIsAskedFor() throws {
    let path = try folder.write("torch-2.99.0-any.whl", Self.content)
    let (code, remarks) = try setUp(["--verify", path])
    #expect(code == 65)
    #expect(
      remarks.hasPrefix(
        "setup: torch-2.99.0-any.whl: found SHA-256 \(Self.digest), expected a wheel that is pinned"))
    #expect(try setUp(["--verify", path], environment: ["DUEL_UNPINNED": "1"]).code == 0)
  }

  @Test func wrongUseIsRefused() throws {
    #expect(try setUp(["--verify", folder["nothing.whl"].path]).code == 66)
    #expect(try setUp(["--verify"]).code == 64)
    #expect(try setUp(["now"]).code == 64)
  }

  /// A pip that brings something else under the right name.
  @Test func nothingIsLeftOfAWrongDownload() throws {
    let pip = """
      #!/bin/bash
      while [[ $# -gt 0 && $1 != --dest ]]; do shift; done
      [[ $# == 0 ]] || { mkdir -p "$2" && printf %s '\(Self.content)' >"$2/\(Self.wheel)"; }

      """
    let python = try folder.write("tools/python3", pip)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let (code, remarks) = try setUp([], environment: ["PATH": folder["tools"].path + ":" + path])
    #expect(code == 65, "\(remarks)")
    #expect(remarks.contains("\(Self.wheel): found SHA-256 \(Self.digest)"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["checkout"].path) == ["scripts"])
  }
}
