import ArgumentParser
import Failures
import ModalityKit

/// How sounds are sampled, beside seed, labels and truncation.
public struct AudioSampling: Sendable, Equatable {
  /// Iterations that find the phases of a code; nil for as many as the recipe says. Other networks have none.
  public var phaseIterations: Int?

  /// The recipe's way, or another number of iterations.
  public init(phaseIterations: Int? = nil) { self.phaseIterations = phaseIterations }

  /// Refuses iterations of a network that has no phases to find.
  ///
  /// - Throws: `UserError` (usage).
  func check(_ generator: any SoundGenerator, recipe: AudioRecipe) throws {
    guard phaseIterations != nil, generator.overCodes == nil else { return }
    throw UserError(
      .usage,
      "--phase-iterations: found a model of \(recipe.network.rawValue) networks, whose sounds have their phases"
    )
  }
}

/// The flags of how sounds are sampled.
struct AudioSamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Iterations that find the phases of a sound of spectral networks, whose time grows with them: with more it is less \
      rough. (default: the recipe's, 64)
      """, valueName: "count"))
  var phaseIterations: Int?

  var sampling: AudioSampling { AudioSampling(phaseIterations: phaseIterations) }

  func validate() throws {
    if let phaseIterations, !(0...10_000).contains(phaseIterations) {
      throw ValidationError("--phase-iterations \(phaseIterations): expected 0 to 10000")
    }
  }
}
