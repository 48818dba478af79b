import Adversarial
import ArgumentParser
import ModalityKit
import TextDatasets

/// The flags of `duel text train`, beside those that all media share.
public struct TextTrainOptions: ModalityTrainOptions {
  @Option(
    help: ArgumentHelp(
      "Cut the data into windows of so many symbols instead of taking one sample per line.",
      valueName: "symbols"))
  var window: Int?

  @Option(help: "What counts as one symbol. (default: scalars)")
  var symbols: SymbolKind?

  @Option(
    name: .customLong("max-length"),
    help: ArgumentHelp(
      """
      Symbols that a line may have. (default: as many as the longest line has, up to 256; a few lines that are much \
      longer than all others do not count)
      """, valueName: "symbols"))
  var maximumLength: Int?

  @Option(help: "What happens to longer lines. (default: cut)")
  var longLines: LongLineRule?

  @Option(
    help: ArgumentHelp(
      """
      How the text is encoded. (default: auto: UTF-16 where a byte order mark says so, otherwise UTF-8, or an error). \
      Files compressed with gzip are read as they are.
      """))
  var encoding: TextEncoding?

  @Option(
    help: ArgumentHelp(
      """
      Of more than 256 distinct symbols as many are kept, the most frequent first, as cover this share of the text; the \
      others become one unknown symbol, which is never written. (default: 0.999)
      """, valueName: "share"))
  var vocabularyCoverage: Double?

  @Option(
    help: ArgumentHelp(
      "Distinct symbols to keep at most, whatever they cover. (default: 4096)", valueName: "count"))
  var vocabularyLimit: Int?

  @OptionGroup var corpus: CorpusFlags

  @Option(help: ArgumentHelp("Numbers in a recurrent layer's state.", valueName: "count"))
  var hidden: Int?

  @Option(help: ArgumentHelp("Numbers in a symbol's vector in the generator.", valueName: "count"))
  var embedding: Int?

  @Option(help: ArgumentHelp("Recurrent layers.", valueName: "count"))
  var layers: Int?

  @Option(
    help: ArgumentHelp(
      "Share of units zeroed while the likelihood is trained, from 0 up to 1.", valueName: "share"))
  var dropout: Double?

  @Option(
    help: ArgumentHelp(
      """
      Temperature of the relaxed symbols whose gradient the generator learns from: a number, or a schedule over \
      the duel as exp:1:0.25.
      """, valueName: "temperature"),
    transform: Schedule.init(parsing:))
  var gumbelTemperature: Schedule?

  @Option(
    help: ArgumentHelp(
      "Symbols that the discriminator's filters span; repeat for several.", valueName: "symbols"))
  var filterWidth: [Int] = []

  @Option(help: ArgumentHelp("Filters of each width.", valueName: "count"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      """
      How the generator learns from the discriminator: reward (symbols become likelier that make a sample more real), \
      weighted (likelihood on its own samples, weighted by how much rarer they are than in real text) or straight-through \
      (the gradient through relaxed symbols). (default: reward)
      """))
  var game: TextObjective?

  @Flag(
    inversion: .prefixedNo,
    help: "Tell the discriminator which words and runs of symbols the training text has. (default: yes)")
  var lexicon: Bool?

  @Flag(inversion: .prefixedNo, help: "Divide the discriminator's weights by their largest singular value.")
  var spectralNorm: Bool?

  /// No flags given.
  public init() {}

  /// The settings that the flags make, in the order of the help.
  public var settings: [Setting] {
    [
      Setting("data.window", window, flag: "--window"),
      Setting("data.symbols", symbols, flag: "--symbols"),
      Setting("data.maximumLength", maximumLength, flag: "--max-length"),
      Setting("data.longLines", longLines, flag: "--long-lines"),
      Setting("data.encoding", encoding, flag: "--encoding"),
      Setting("data.vocabularyCoverage", vocabularyCoverage, flag: "--vocabulary-coverage"),
      Setting("data.vocabularyLimit", vocabularyLimit, flag: "--vocabulary-limit"),
    ].compactMap(\.self) + corpus.settings.compactMap(\.self)
      + [
        Setting("generator.hidden", hidden, flag: "--hidden"),
        Setting("generator.embedding", embedding, flag: "--embedding"),
        Setting("generator.layers", layers, flag: "--layers"),
        Setting("generator.dropout", dropout, flag: "--dropout"),
        Setting("generator.temperature", gumbelTemperature, flag: "--gumbel-temperature"),
        Setting("objective", game, flag: "--game"),
        lexicon == false ? Setting("discriminator.lexicalSlots", to: .int(0), flag: "--no-lexicon") : nil,
        Setting("discriminator.widths", filterWidth.isEmpty ? nil : filterWidth, flag: "--filter-width"),
        Setting("discriminator.channels", channels, flag: "--channels"),
        Setting(
          "discriminator.spectralNorm", spectralNorm,
          flag: spectralNorm == false ? "--no-spectral-norm" : "--spectral-norm"),
      ].compactMap(\.self)
  }
}

extension TextObjective: ExpressibleByArgument {}
extension SymbolKind: ExpressibleByArgument {}
extension LongLineRule: ExpressibleByArgument {}
extension TextEncoding: ExpressibleByArgument {}
