import Foundation

/// What a page shows of one run, in plain values.
///
/// Whoever knows runs gathers it; a page only draws it.
public struct RunReport: Encodable, Hashable, Sendable {
  /// Names the run in addresses of the page: letters, digits and dashes, unique on a page.
  public var id: String
  /// The run's name for people.
  public var name: String
  /// Its medium.
  public var medium: String
  /// What is known of it, in the order in which it is shown.
  public var facts: [Fact]
  /// The numbers of its reports.
  public var charts: [Chart]
  /// Samples of fixed latents, in the order of their steps.
  public var previews: [PreviewFrame]
  /// What is said below the samples, such as how many were left out; nil for nothing.
  public var previewRemark: String?
  /// Evaluations that were kept, in the order of their steps.
  public var evaluations: [ScoredTable]
  /// What is said where there are no evaluations.
  public var noEvaluation: String
  /// The recipe, a value a row.
  public var recipe: [RecipeRow]
  /// What is said above the recipe.
  public var recipeSummary: String
  /// Command lines that repeat the run and use it.
  public var commands: [CommandLineText]
  /// Whether a server draws samples of latents that are asked for.
  public var isSteered = false

  /// Gathers what is shown of a run.
  public init(
    id: String, name: String, medium: String, facts: [Fact], charts: [Chart], previews: [PreviewFrame],
    previewRemark: String? = nil, evaluations: [ScoredTable], noEvaluation: String, recipe: [RecipeRow],
    recipeSummary: String, commands: [CommandLineText]
  ) {
    (self.id, self.name, self.medium) = (id, name, medium)
    (self.facts, self.charts, self.previews) = (facts, charts, previews)
    (self.previewRemark, self.evaluations, self.noEvaluation) = (previewRemark, evaluations, noEvaluation)
    (self.recipe, self.recipeSummary, self.commands) = (recipe, recipeSummary, commands)
  }
}

/// Something known, in two words and a value.
public struct Fact: Encodable, Hashable, Sendable {
  /// What it is.
  public var label: String
  /// Its value.
  public let value: String
  /// Whether it takes a line of its own.
  public let isLong: Bool

  /// Names a value.
  public init(_ label: String, _ value: String) {
    (self.label, self.value) = (label, value)
    isLong = value.count > 48
  }
}

/// A value of a recipe.
public struct RecipeRow: Encodable, Hashable, Sendable {
  /// The dotted key.
  public var key: String
  /// The value as JSON.
  public var value: String
  /// Where it comes from, such as `preset tiny`.
  public var origin: String
  /// Whether the user chose it.
  public var isGiven: Bool

  /// Gathers a row.
  public init(key: String, value: String, origin: String, isGiven: Bool) {
    (self.key, self.value, self.origin, self.isGiven) = (key, value, origin, isGiven)
  }
}

/// A command line and what it is for.
public struct CommandLineText: Encodable, Hashable, Sendable {
  /// What it does.
  public var purpose: String
  /// The line as one types it.
  public var line: String

  /// Names a line.
  public init(purpose: String, line: String) { (self.purpose, self.line) = (purpose, line) }
}

/// Samples of fixed latents at a step.
public struct PreviewFrame: Encodable, Hashable, Sendable {
  /// A sample, or several together.
  public struct Item: Encodable, Hashable, Sendable {
    /// What an item is and how it is shown.
    public enum Kind: String, Encodable, Hashable, Sendable {
      /// Lines of text.
      case text
      /// A WAV file.
      case sound
      /// A picture file.
      case picture
      /// A PLY file of points in space.
      case cloud
      /// A table of points in the plane, `x,y` a line below a heading.
      case plane
    }

    /// The name of its file.
    public var name: String
    /// How it is shown.
    public var kind: Kind
    /// The media type of the bytes; nil for text.
    public var type: String?
    /// The file's bytes; nil for text.
    public var base64: String?
    /// The text; nil for bytes.
    public var text: String?
    /// What a picture shows, for those who do not see it.
    public var alternative: String?

    /// An item that is text.
    public init(name: String, kind: Kind, text: String) {
      (self.name, self.kind, self.text) = (name, kind, text)
    }

    /// An item that is bytes of a media type.
    public init(name: String, kind: Kind, type: String, bytes: [UInt8], alternative: String? = nil) {
      (self.name, self.kind, self.type, self.alternative) = (name, kind, type, alternative)
      base64 = Data(bytes).base64EncodedString()
    }
  }

  /// The step that they are of.
  public var step: Int
  /// What is shown.
  public var items: [Item]

  /// Gathers the samples of a step.
  public init(step: Int, items: [Item]) { (self.step, self.items) = (step, items) }
}
