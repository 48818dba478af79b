import MixtureModality
import ModalityKit

// The command line with the tests' own medium alone.
try ModalityRegistry([MixtureModality.self]).main()
