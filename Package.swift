// swift-tools-version: 6.1
import Foundation
import PackageDescription

// The engine, libtorch: LIBTORCH=<folder with include/ and lib/>, or else .libtorch/ beside this file, where
// `make setup` puts it. SwiftPM refuses compiler flags in tagged dependencies, so a checkout that it made for
// another package finds the engine by pkg-config instead (docs/embedding.md). SwiftPM caches what this file
// evaluates to: nothing here may depend on whether the engine has been installed yet.
let folder = URL(fileURLWithPath: Context.packageDirectory)
let scratch = folder.deletingLastPathComponent().deletingLastPathComponent()
let isCheckout =
  folder.deletingLastPathComponent().lastPathComponent == "checkouts"
  && FileManager.default.fileExists(atPath: scratch.appendingPathComponent("repositories").path)
let byPkgConfig = isCheckout || Context.environment["DUEL_PKG_CONFIG"] != nil
let named = Context.environment["LIBTORCH"] ?? ""
let place = named.isEmpty ? ".libtorch" : named
let libtorch = place.hasPrefix("/") ? place : Context.packageDirectory + "/" + place

let engineHeaders: [CXXSetting] = [
  .unsafeFlags([
    // Kernels are no use unless they are fast, in debug builds too.
    "-O2", "-isystem", libtorch + "/include", "-isystem", libtorch + "/include/torch/csrc/api/include",
  ])
]

let engine: [Target] =
  if byPkgConfig {
    [
      .systemLibrary(name: "CLibtorch", pkgConfig: "libtorch"),
      .target(name: "CTorch", dependencies: ["CLibtorch"]),
      .target(
        name: "CPointKernels", dependencies: ["CTorch", "CLibtorch"], path: "Modalities/Points/Kernels"),
    ]
  } else {
    [
      .target(
        name: "CTorch", cxxSettings: engineHeaders,
        linkerSettings: [
          .unsafeFlags(["-L", libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"]),
          .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
        ]),
      .target(
        name: "CPointKernels", dependencies: ["CTorch"], path: "Modalities/Points/Kernels",
        cxxSettings: engineHeaders),
    ]
  }

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "duel",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "duel", targets: ["duel"]),
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "Adversarial", targets: ["Adversarial", "Ranks"]),
    .library(name: "Metrics", targets: ["Metrics"]),
    .library(name: "ModalityKit", targets: ["ModalityKit"]),
    .library(name: "PlaneModality", targets: ["PlaneModality", "PlaneDatasets"]),
    .library(name: "TextModality", targets: ["TextModality", "TextDatasets"]),
    .library(name: "AudioModality", targets: ["AudioModality", "AudioDatasets"]),
    .library(name: "PointsModality", targets: ["PointsModality", "PointDatasets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: engine + [
    .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
    .systemLibrary(name: "CEbur128", pkgConfig: "libebur128", providers: [.apt(["libebur128-dev"])]),
    .systemLibrary(name: "CPng", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    .target(name: "CStart"),
    .target(name: "Failures"),
    .target(name: "RandomNumbers"),
    .target(name: "Files", dependencies: ["CCrypto", "Failures"]),
    .target(name: "Corpora", dependencies: ["Failures", "Files"]),
    .target(name: "Torch", dependencies: ["CTorch", "Failures", "Files", "RandomNumbers"]),
    // MPI is loaded while a program runs, if at all: nothing is linked but the loader.
    .target(name: "CMPI", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Ranks", dependencies: ["CMPI", "Torch", "Failures", "Files"]),
    .target(name: "Adversarial", dependencies: ["Ranks", "Torch", "Failures", "Files"]),
    .target(name: "Metrics", dependencies: ["Torch", "Failures"]),
    .target(name: "Pictures", dependencies: ["CPng", "Failures", "Files"]),
    .target(
      name: "TextDatasets", dependencies: ["CZlib", "Corpora", "Failures", "Files", "RandomNumbers"],
      path: "Datasets/Text"),
    .target(
      name: "AudioDatasets",
      dependencies: ["CEbur128", "CSndfile", "CSoxr", "Corpora", "Failures", "Files", "RandomNumbers"],
      path: "Datasets/Audio"),
    .target(
      name: "PointDatasets", dependencies: ["CZip", "Corpora", "Failures", "Files", "RandomNumbers"],
      path: "Datasets/Points"),
    .target(
      name: "PlaneDatasets", dependencies: ["Corpora", "Failures", "Files", "RandomNumbers"],
      path: "Datasets/Plane"),
    .target(
      name: "Reports",
      dependencies: [
        "Failures", "Metrics", .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      resources: [
        .embedInCode("Page/page.mustache"), .embedInCode("Page/page.css"), .embedInCode("Page/base.js"),
        .embedInCode("Page/charts.js"), .embedInCode("Page/sounds.js"), .embedInCode("Page/clouds.js"),
        .embedInCode("Page/previews.js"), .embedInCode("Page/evaluations.js"), .embedInCode("Page/live.js"),
        .embedInCode("Page/start.js"),
      ]),
    .target(
      name: "ModalityKit",
      dependencies: [
        "Adversarial", "Corpora", "Metrics", "Ranks", "Reports", "Torch", "Pictures", "Failures", "Files",
        argumentParser,
      ]),
    .target(
      name: "TextModality",
      dependencies: [
        "ModalityKit", "Adversarial", "Corpora", "Metrics", "Torch", "TextDatasets", "Failures", "Files",
        "Pictures", "RandomNumbers",
        argumentParser,
      ],
      path: "Modalities/Text"),
    .target(
      name: "AudioModality",
      dependencies: [
        "ModalityKit", "Adversarial", "Corpora", "Metrics", "Torch", "AudioDatasets", "Pictures", "Failures",
        "Files",
        argumentParser,
      ],
      path: "Modalities/Audio"),
    .target(
      name: "PointsModality",
      dependencies: [
        "ModalityKit", "Adversarial", "Corpora", "Metrics", "Torch", "CPointKernels", "PointDatasets",
        "Pictures", "Failures", "Files", argumentParser,
      ],
      path: "Modalities/Points", exclude: ["Kernels"]),
    .target(
      name: "PlaneModality",
      dependencies: [
        "ModalityKit", "Adversarial", "Corpora", "Metrics", "Torch", "PlaneDatasets", "Pictures",
        "Failures", "Files", argumentParser,
      ],
      path: "Modalities/Plane"),
    .executableTarget(
      name: "duel",
      dependencies: [
        "CStart", "ModalityKit", "PlaneModality", "TextModality", "AudioModality", "AudioDatasets",
        "PointsModality", "Pictures",
      ]),

    .executableTarget(
      name: "OwnTensors", dependencies: ["Adversarial", "Torch"], path: "Examples/OwnTensors"),
    .executableTarget(
      name: "TenClips", dependencies: ["AudioModality", "AudioDatasets", "ModalityKit"],
      path: "Examples/TenClips"),

    .target(name: "BenchmarkSupport", dependencies: ["CStart"], path: "Benchmarks/Support"),
    .executableTarget(
      name: "audio-benchmark",
      dependencies: ["AudioModality", "Adversarial", "Torch", "BenchmarkSupport", argumentParser],
      path: "Benchmarks/Audio"),
    .executableTarget(
      name: "points-benchmark",
      dependencies: [
        "PointsModality", "PointDatasets", "ModalityKit", "Adversarial", "Torch", "Files", "BenchmarkSupport",
        argumentParser,
      ],
      path: "Benchmarks/Points"),

    .executableTarget(
      name: "default-benchmark",
      dependencies: [
        "AudioModality", "PointsModality", "ModalityKit", "Adversarial", "Torch", "BenchmarkSupport",
        argumentParser,
      ],
      path: "Benchmarks/Defaults"),
    .executableTarget(
      name: "start-benchmark", dependencies: ["BenchmarkSupport", argumentParser], path: "Benchmarks/Start"),
    .executableTarget(
      name: "text-benchmark",
      dependencies: [
        "TextModality", "ModalityKit", "Adversarial", "Torch", "BenchmarkSupport", argumentParser,
      ],
      path: "Benchmarks/Text"),
    .executableTarget(
      name: "chain-verdict",
      dependencies: [
        "TextModality", "TextDatasets", "ModalityKit", "Adversarial", "Metrics", "Torch", argumentParser,
      ],
      path: "Benchmarks/Chains"),
    .executableTarget(
      name: "error-benchmark",
      dependencies: [
        "AudioModality", "TextModality", "TextDatasets", "PointsModality", "PointDatasets", "ModalityKit",
        "Adversarial", "Metrics", "Torch", "BenchmarkSupport", argumentParser,
      ],
      path: "Benchmarks/Errors"),

    .target(
      name: "TestSupport", dependencies: ["Adversarial", "Metrics", "RandomNumbers", "Ranks", "Torch"],
      path: "Tests/Support"),
    .target(
      name: "HostileFiles",
      dependencies: [
        "CSndfile", "CZlib", "Torch", "Adversarial", "Metrics", "ModalityKit", "PlaneModality",
        "TextModality",
        "AudioModality", "PointsModality", "AudioDatasets", "PlaneDatasets", "PointDatasets", "TextDatasets",
        "Failures",
        "Files", "TestSupport",
      ],
      path: "Tests/HostileFiles"),
    .target(name: "CaseMeter", path: "Tests/CaseMeter"),
    .executableTarget(
      name: "duel-fuzz", dependencies: ["HostileFiles", "CaseMeter", "TestSupport", argumentParser],
      path: "Tests/Fuzz"),
    .testTarget(name: "HostileFilesTests", dependencies: ["HostileFiles", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "Failures", "TestSupport"]),
    .testTarget(name: "TorchTests", dependencies: ["Torch", "Failures", "Files", "TestSupport"]),
    .testTarget(name: "RanksTests", dependencies: ["Ranks", "Failures", "TestSupport", "Torch"]),
    .testTarget(
      name: "AdversarialTests",
      dependencies: ["Adversarial", "Failures", "Files", "Ranks", "TestSupport"]),
    .testTarget(
      name: "MetricsTests", dependencies: ["Metrics", "Torch", "Failures", "RandomNumbers", "TestSupport"]),
    .testTarget(name: "PicturesTests", dependencies: ["Pictures", "CPng", "Failures"]),
    .testTarget(
      name: "TextDatasetsTests",
      dependencies: ["TextDatasets", "CZlib", "Corpora", "Failures", "Files", "RandomNumbers", "TestSupport"]),
    .testTarget(name: "CorporaTests", dependencies: ["Corpora", "Failures", "TestSupport"]),
    .testTarget(
      name: "PointDatasetsTests",
      dependencies: [
        "PointDatasets", "CZlib", "Corpora", "Failures", "Files", "RandomNumbers", "TestSupport",
      ]),
    .testTarget(
      name: "PlaneDatasetsTests",
      dependencies: ["PlaneDatasets", "Corpora", "Failures", "Files", "RandomNumbers", "TestSupport"]),
    .testTarget(
      name: "AudioDatasetsTests",
      dependencies: [
        "AudioDatasets", "CSndfile", "Corpora", "Failures", "Files", "RandomNumbers", "TestSupport",
      ]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "Metrics", .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ]),
    .testTarget(
      name: "ModalityKitTests",
      dependencies: [
        "Reports",
        "PlaneModality", "PlaneDatasets", "ModalityKit", "Adversarial", "Metrics", "Torch", "Failures",
        "Files", "TestSupport",
      ]),
    .testTarget(
      name: "TextModalityTests",
      dependencies: [
        "TextModality", "TextDatasets", "ModalityKit", "Adversarial", "Metrics", "Torch", "Failures", "Files",
        "RandomNumbers", "TestSupport",
      ]),
    .testTarget(
      name: "AudioModalityTests",
      dependencies: [
        "AudioModality", "AudioDatasets", "ModalityKit", "Adversarial", "Metrics", "Torch", "Pictures",
        "Failures", "Files", "TestSupport",
      ]),
    .testTarget(
      name: "PointsModalityTests",
      dependencies: [
        "PointsModality", "PointDatasets", "Pictures", "ModalityKit", "Adversarial", "Metrics", "Torch",
        "Failures", "Files", "TestSupport",
      ]),
    .testTarget(
      name: "PlaneModalityTests",
      dependencies: [
        "PlaneModality", "PlaneDatasets", "Pictures", "ModalityKit", "Adversarial", "Metrics", "Torch",
        "Failures", "Files", "TestSupport",
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "duel", "OwnTensors", "TenClips", "AudioDatasets", "PointDatasets", "Adversarial", "Torch",
        "Files", "ModalityKit", "TextModality", "AudioModality", "PointsModality", "PlaneModality",
        "TestSupport",
      ]),
  ],
  cxxLanguageStandard: .cxx20
)
