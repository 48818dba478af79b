// swift-tools-version: 6.1
import PackageDescription

// Somebody else's package that embeds Duel. DUEL_URL and DUEL_VERSION make the dependency a tagged one, as it
// would be outside this repository; docs/embedding.md explains the two ways and the run path.
let duel: Package.Dependency =
  if let url = Context.environment["DUEL_URL"], let version = Context.environment["DUEL_VERSION"] {
    .package(url: url, exact: Version(stringLiteral: version))
  } else {
    .package(name: "duel", path: "../..")
  }

let runPath: [LinkerSetting] =
  if let libtorch = Context.environment["LIBTORCH"] {
    [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"])]
  } else {
    []
  }

let package = Package(
  name: "embedding",
  dependencies: [duel],
  targets: [
    .executableTarget(
      name: "embedding",
      dependencies: [
        .product(name: "Torch", package: "duel"),
        .product(name: "Adversarial", package: "duel"),
        .product(name: "ModalityKit", package: "duel"),
        .product(name: "TextModality", package: "duel"),
      ],
      linkerSettings: runPath)
  ]
)
