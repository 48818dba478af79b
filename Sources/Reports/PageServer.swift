import FlyingFox
import FlyingSocks
import Foundation

/// Serves a page and what it asks for on this machine's loopback address alone.
///
/// Every address begins with a random token, so other users of the machine cannot guess it, and a request must name the
/// loopback address as its host, so no other web page can ask in a browser's name. Only GET is answered, nothing is read
/// from files by a path of the request, and nothing that is served changes anything.
public struct PageServer: Sendable {
  /// Gives the page as HTML.
  public let page: @Sendable () async throws -> String
  /// Begins a stream of events in the form of server-sent events, `event: name\ndata: {...}\n\n`; nil where too many are open.
  public let events: @Sendable () async -> AsyncStream<String>?
  /// Answers the query of `steer` with JSON.
  public let steer: @Sendable ([String: String]) async -> String

  /// A server of a page.
  public init(
    page: @escaping @Sendable () async throws -> String,
    events: @escaping @Sendable () async -> AsyncStream<String>?,
    steer: @escaping @Sendable ([String: String]) async -> String
  ) {
    (self.page, self.events, self.steer) = (page, events, steer)
  }

  /// A token that nobody guesses: 128 random bits in hexadecimal.
  public static func newToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let word = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }

  /// Serves until the task is cancelled. A fault of the network layer, such as too many open connections, is waited out.
  ///
  /// - Parameters:
  ///   - port: the port; 0 for any that is free.
  ///   - token: what every address begins with.
  ///   - isListening: told the page's address, once.
  /// - Throws: `SocketError` where the port cannot be taken.
  public func run(
    port: UInt16, token: String, isListening: @escaping @Sendable (URL) -> Void
  ) async throws {
    var port = port
    var hasListened = false
    while !Task.isCancelled {
      let server = HTTPServer(
        address: sockaddr_in.inet(port: port, loopback: true), timeout: 30, logger: .disabled,
        handler: Responder(server: self, token: token))
      do {
        try await withThrowingTaskGroup(of: UInt16?.self) { group in
          group.addTask {
            try await server.run()
            return nil
          }
          group.addTask {
            try await server.waitUntilListening(timeout: 30)
            guard case .ip4(_, let taken)? = await server.listeningAddress else { return nil }
            return taken
          }
          // The first to end says either where it listens or why it cannot; then it serves until it fails or is cancelled.
          if let taken = try await group.next() ?? nil {
            port = taken
            if !hasListened, let url = URL(string: "http://127.0.0.1:\(taken)/\(token)/") { isListening(url) }
            hasListened = true
          }
          try await group.waitForAll()
        }
      } catch {
        guard hasListened else { throw error }
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }
}

extension sockaddr_in {
  /// The loopback address of a port.
  fileprivate static func inet(port: UInt16, loopback: Bool) -> sockaddr_in {
    var address = sockaddr_in.inet(port: port)
    if loopback { address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian }
    return address
  }
}

/// Answers requests.
struct Responder: HTTPHandler {
  let server: PageServer
  let token: String

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard isLocal(request.headers[.host]) else { return plain(.forbidden, "not this host") }
    let parts = request.target.path().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    // "/token/name" has an empty part in front.
    guard parts.count == 3, parts[0].isEmpty, isEqual(parts[1], token) else {
      return plain(.notFound, "not found")
    }
    guard request.method == .GET else { return plain(.methodNotAllowed, "only GET") }
    switch parts[2] {
    case "":
      do {
        return answer(.ok, "text/html; charset=utf-8", Data(try await server.page().utf8))
      } catch {
        return plain(.internalServerError, "\(error)")
      }
    case "events":
      guard let stream = await server.events() else {
        return plain(.serviceUnavailable, "too many listeners")
      }
      return HTTPResponse(
        statusCode: .ok, headers: headers("text/event-stream"),
        body: HTTPBodySequence(from: EventBytes(events: stream)))
    case "steer":
      let query = Dictionary(request.query.map { ($0.name, $0.value) }) { first, _ in first }
      return answer(.ok, "application/json", Data(await server.steer(query).utf8))
    default:
      return plain(.notFound, "not found")
    }
  }

  /// Whether a request was sent to the loopback address under one of its usual names.
  private func isLocal(_ host: String?) -> Bool {
    guard let name = host?.split(separator: ":").first else { return false }
    return name == "127.0.0.1" || name == "localhost"
  }

  /// Compares in a time that does not tell how much is right.
  private func isEqual(_ first: String, _ second: String) -> Bool {
    let (one, other) = (Array(first.utf8), Array(second.utf8))
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func headers(_ type: String) -> HTTPHeaders {
    [
      .contentType: type, .cacheControl: "no-store", HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("Referrer-Policy"): "no-referrer", HTTPHeader("X-Frame-Options"): "DENY",
    ]
  }

  private func answer(_ status: HTTPStatusCode, _ type: String, _ body: Data) -> HTTPResponse {
    HTTPResponse(statusCode: status, headers: headers(type), body: body)
  }

  private func plain(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    answer(status, "text/plain; charset=utf-8", Data((text + "\n").utf8))
  }
}

/// Events as the bytes of a response that does not end.
private struct EventBytes: AsyncBufferedSequence {
  typealias Element = UInt8
  let events: AsyncStream<String>

  func makeAsyncIterator() -> Iterator { Iterator(base: events.makeAsyncIterator()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var base: AsyncStream<String>.Iterator
    private var rest: ArraySlice<UInt8> = []

    init(base: AsyncStream<String>.Iterator) { self.base = base }

    mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }

    mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
      while rest.isEmpty {
        guard let event = await base.next() else { return nil }
        rest = Array(event.utf8)[...]
      }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
  }
}
