import Foundation
import Mustache

/// One HTML file of runs, with style, scripts, pictures and sounds in it.
///
/// The page needs no other file and asks no other machine for anything, so that it works from a folder, from a mail and
/// in ten years. Its parts lie in `Page/`: a template, a style sheet and scripts, which the build puts into the program.
public struct ReportPage: Sendable {
  /// The title.
  public var title: String
  /// What kind of page it is, in a word: "report", "comparison", "watch".
  public var kind: String
  /// When and with what it was made.
  public var made: String
  /// The runs, in the order in which they are shown.
  public var runs: [RunReport]
  /// The runs side by side; nil where they are not compared.
  public var comparison: Comparison?
  /// Directions in which latents are steered; nil for a page that no server stands behind.
  public var liveDirections: Int?

  /// Gathers a page.
  public init(
    title: String, kind: String, made: String, runs: [RunReport], comparison: Comparison? = nil,
    liveDirections: Int? = nil
  ) {
    (self.title, self.kind, self.made, self.runs) = (title, kind, made, runs)
    (self.comparison, self.liveDirections) = (comparison, liveDirections)
  }

  /// The page.
  ///
  /// - Throws: what the template engine throws for a template that is none, which a test rules out.
  public func html() throws -> String {
    let template = try MustacheTemplate(string: Self.text(PackageResources.page_mustache))
    return template.render(try Content(self))
  }

  /// A value as JSON that may stand in a script element: no text in it can end the element.
  ///
  /// - Throws: `EncodingError` for numbers that are not finite.
  public static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
      .replacingOccurrences(of: "<", with: "\\u003c")
      .replacingOccurrences(of: "\u{2028}", with: "\\u2028").replacingOccurrences(
        of: "\u{2029}", with: "\\u2029")
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The scripts, in the order in which they need each other.
  private static var script: String {
    [
      PackageResources.base_js, PackageResources.charts_js, PackageResources.sounds_js,
      PackageResources.clouds_js, PackageResources.previews_js, PackageResources.evaluations_js,
      PackageResources.live_js, PackageResources.start_js,
    ].map(text).joined(separator: "\n")
  }

  /// What the template asks for by name.
  private struct Content {
    let title: String
    let kind: String
    let made: String
    let runs: [RunReport]
    let comparison: Comparison?
    let isLive: Bool
    let hasSeveral: Bool
    let connections: String
    let style: String
    let script: String
    let data: String

    init(_ page: ReportPage) throws {
      (title, kind, made) = (page.title, page.kind, page.made)
      (runs, comparison) = (page.runs, page.comparison)
      isLive = page.liveDirections != nil
      hasSeveral = page.runs.count > 1
      connections = isLive ? "'self'" : "'none'"
      style = ReportPage.text(PackageResources.page_css)
      script = ReportPage.script
      data = try ReportPage.json(
        ScriptData(
          runs: page.runs, comparison: page.comparison?.charts, isLive: isLive,
          directions: page.liveDirections ?? 0))
    }
  }

  /// What the scripts draw.
  private struct ScriptData: Encodable {
    let runs: [RunReport]
    let comparison: [Chart]?
    let isLive: Bool
    let directions: Int
  }
}
