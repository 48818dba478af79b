import Metrics
import Torch

/// Clips of one origin, to be measured as a row of an evaluation table.
public struct AudioClips: Sendable {
  /// What they come from, in words.
  public var name: String
  /// What they come from, in kind.
  public var source: EvaluationTable.Source
  /// Waveforms `[N, T]` of one channel on the CPU, nominally in -1...1; of several channels take the mean.
  public var clips: Tensor
  /// The label that each was asked for, or has; nil without.
  public var labels: [Int]?
  /// Whether other draws would have as many of each label; otherwise labels were drawn too.
  public var areLabelsFixed: Bool
  /// What they were drawn with; nil where nothing was drawn.
  public var seed: UInt64?

  /// Gathers them.
  public init(
    name: String, source: EvaluationTable.Source, clips: Tensor, labels: [Int]? = nil,
    areLabelsFixed: Bool = false, seed: UInt64? = nil
  ) {
    precondition(clips.rank == 2, "clips are [N, T]")
    precondition(labels == nil || labels?.count == clips.shape[0], "a label for each clip")
    self.name = name
    self.source = source
    self.clips = clips
    self.labels = labels
    self.areLabelsFixed = areLabelsFixed
    self.seed = seed
  }

  /// The labels, where other draws would have as many of each.
  var fixedLabels: [Int]? { areLabelsFixed ? labels : nil }
  /// How many there are.
  public var count: Int { clips.shape[0] }
}
