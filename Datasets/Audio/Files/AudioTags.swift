/// What a sound file says about itself beside the sound. Every kind of file that Duel writes has room for it.
public struct AudioTags: Sendable, Equatable {
  /// A name for the sound.
  public var title: String?
  /// What made the file. libsndfile puts its own name and version behind it.
  public var software: String?
  /// Anything else, such as the seed and the step that a generated sound comes from.
  public var comment: String?

  /// Makes tags; those left out are absent from the file.
  public init(title: String? = nil, software: String? = nil, comment: String? = nil) {
    self.title = title
    self.software = software
    self.comment = comment
  }
}
