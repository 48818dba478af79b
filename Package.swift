// swift-tools-version: 6.1
import Foundation
import PackageDescription

// The engine: libtorch, found in this order.
//   1. LIBTORCH=<folder with include/ and lib/>, when set;
//   2. .libtorch/ beside this file, where `make setup` puts it;
//   3. pkg-config's `libtorch`: for packages that depend on a tagged Duel, since SwiftPM refuses
//      compiler flags in such dependencies (see docs/embedding.md).
let besidePackage = Context.packageDirectory + "/.libtorch"
let libtorch =
  Context.environment["LIBTORCH"]
  ?? (FileManager.default.fileExists(atPath: besidePackage) ? besidePackage : nil)

let engine: [Target] =
  if let libtorch, Context.environment["DUEL_PKG_CONFIG"] == nil {
    [
      .target(
        name: "CTorch",
        cxxSettings: [
          .unsafeFlags([
            "-isystem", libtorch + "/include",
            "-isystem", libtorch + "/include/torch/csrc/api/include",
          ])
        ],
        linkerSettings: [
          .unsafeFlags(["-L", libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"]),
          .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
        ])
    ]
  } else {
    [
      .systemLibrary(name: "CLibtorch", pkgConfig: "libtorch"),
      .target(name: "CTorch", dependencies: ["CLibtorch"]),
    ]
  }

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "duel",
  products: [
    .executable(name: "duel", targets: ["duel"]),
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "Adversarial", targets: ["Adversarial"]),
    .library(name: "ModalityKit", targets: ["ModalityKit"]),
    .library(name: "TextModality", targets: ["TextModality", "TextDatasets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: engine + [
    .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),

    .target(name: "Failures"),
    .target(name: "Torch", dependencies: ["CTorch", "Failures"]),
    .target(name: "Adversarial", dependencies: ["Torch", "Failures"]),
    .target(name: "TextDatasets", dependencies: ["Failures"], path: "Datasets/Text"),
    .target(name: "AudioDatasets", dependencies: ["CSndfile", "Failures"], path: "Datasets/Audio"),
    .target(name: "ModalityKit", dependencies: ["Adversarial", "Torch", "Failures", argumentParser]),
    .target(
      name: "TextModality", dependencies: ["ModalityKit", "Adversarial", "Torch", "TextDatasets", "Failures"],
      path: "Modalities/Text"),
    .executableTarget(name: "duel", dependencies: ["ModalityKit", "TextModality", "AudioDatasets"]),

    .testTarget(name: "TorchTests", dependencies: ["Torch"]),
    .testTarget(name: "AdversarialTests", dependencies: ["Adversarial"]),
    .testTarget(name: "TextDatasetsTests", dependencies: ["TextDatasets"]),
    .testTarget(name: "AudioDatasetsTests", dependencies: ["AudioDatasets"]),
    .testTarget(name: "ModalityKitTests", dependencies: ["ModalityKit"]),
    .testTarget(name: "TextModalityTests", dependencies: ["TextModality"]),
    .testTarget(name: "CommandTests", dependencies: ["duel"]),
  ],
  cxxLanguageStandard: .cxx20
)
