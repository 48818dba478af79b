import FlyingFox
import FlyingSocks
import Foundation
import Testing

@testable import Reports

@Suite struct PageServerTests {
  private static let token = "0123456789abcdef0123456789abcdef"

  private let responder = Responder(
    server: PageServer(
      page: { "<p>page</p>" },
      events: {
        AsyncStream {
          $0.yield("event: run\ndata: {}\n\n"); $0.finish()
        }
      },
      steer: { "{\"seed\":\"\($0["seed"] ?? "none")\"}" }),
    token: token)

  private func ask(
    _ target: String, host: String = "127.0.0.1:80", method: HTTPMethod = .GET
  ) async throws -> (code: Int, body: String, type: String?) {
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    let query = parts.count > 1 ? parts[1] : ""
    let request = HTTPRequest(
      method: method, version: .http11, target: HTTPRequest.Target(path: parts[0], query: query),
      headers: [.host: host], body: HTTPBodySequence())
    let response = try await responder.handleRequest(request)
    return (
      response.statusCode.code, String(decoding: try await response.bodyData, as: UTF8.self),
      response.headers[.contentType]
    )
  }

  @Test func theTokenOpensThePage() async throws {
    let page = try await ask("/\(Self.token)/")
    #expect(page.code == 200 && page.body == "<p>page</p>" && page.type == "text/html; charset=utf-8")
    let steered = try await ask("/\(Self.token)/steer?run=a&seed=7")
    #expect(steered.code == 200 && steered.body == "{\"seed\":\"7\"}")
    let events = try await ask("/\(Self.token)/events")
    #expect(events.type == "text/event-stream" && events.body.contains("event: run\ndata: {}\n\n"))
  }

  /// Nothing without the token, by another host's name, by a path, or that would change something.
  @Test(arguments: [
    "/", "//", "/0123/", "/0123456789abcdef0123456789abcdeF/", "/\(token)", "/\(token)/../run.json",
    "/\(token)/run.json", "/\(token)/a/b", "/\(token)/%2e%2e/", "",
  ])
  func otherAddressesAreNotFound(target: String) async throws {
    #expect(try await ask(target.isEmpty ? "/" : target).code == 404)
  }

  @Test(arguments: ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
  func otherHostsAreRefused(host: String) async throws {
    #expect(try await ask("/\(Self.token)/", host: host).code == 403)
  }

  @Test func nothingButGet() async throws {
    for method in [HTTPMethod.POST, .PUT, .DELETE] {
      #expect(try await ask("/\(Self.token)/", method: method).code == 405)
    }
  }

  /// Instead of waiting for ever.
  @Test func aPortThatIsTakenIsAnError() async throws {
    let socket = try Socket(domain: AF_INET, type: .stream)
    defer { try? socket.close() }
    try socket.bind(to: sockaddr_in.inet(ip4: "127.0.0.1", port: 0))
    try socket.listen()
    guard case .ip4(_, let port) = try socket.sockname() else {
      Issue.record("no address of IPv4")
      return
    }
    await #expect(throws: (any Error).self) {
      try await responder.server.run(port: port, token: Self.token) { _ in Issue.record("it listens") }
    }
  }

  @Test func tokensDiffer() {
    let tokens = (0..<100).map { _ in PageServer.newToken() }
    #expect(Set(tokens).count == 100 && tokens.allSatisfy { $0.count == 32 })
  }
}
