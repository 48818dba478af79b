import Foundation
import Pictures
import PlaneDatasets

/// A state of the game to look at: samples, and the discriminator's logits on a grid over the window, row 0 at the top.
struct PlaneState: Sendable, Equatable {
  /// Samples in the data's units.
  var samples: [PlanePoint]
  /// Logits of the cells' centres, row-major; empty where there is no discriminator.
  var surface: [Float]
}

/// Pictures of the game: samples over the true density at the left, the discriminator's surface at the right.
struct PlanePicture: Sendable {
  /// Cells along each side of the tables of density and surface.
  static let cells = 64

  private let window: PlaneWindow
  /// The density, scaled to its largest value, `[cells, cells]`.
  private let density: [Float]
  private let backdrop: [PlanePoint]

  private static let densityMap = ColourMap([
    .white, Colour(red: 198, green: 219, blue: 239), Colour(red: 107, green: 174, blue: 214),
    Colour(red: 33, green: 113, blue: 181), Colour(red: 8, green: 48, blue: 107),
  ])
  private static let sampleColour = Colour(red: 230, green: 85, blue: 13)
  private static let frame = Colour(grey: 160)

  /// Prepares pictures.
  ///
  /// - Parameters:
  ///   - window: what is shown.
  ///   - density: shown behind samples, by the square root of its values; nil shows points instead.
  ///   - backdrop: real points to show where there is no density.
  init(window: PlaneWindow, density: (any PlaneDensity)?, backdrop: [PlanePoint] = []) {
    self.window = window
    self.backdrop = density == nil ? backdrop : []
    guard let density else {
      self.density = []
      return
    }
    let values = Self.centres(of: window).map { exp(density.logDensity(at: $0) / 2) }
    let most = values.max() ?? 1
    self.density = values.map { Float($0 / most) }
  }

  /// Training points behind the samples of a model whose density is not known, at most.
  private static let backdropLimit = 2_000

  /// Prepares pictures of a model's samples.
  ///
  /// - Parameters:
  ///   - recipe: the model's.
  ///   - training: what it was trained on, shown where its density is not known.
  init(_ recipe: PlaneRecipe, training: PlaneSet? = nil) {
    let backdrop = training?.points(spread: Self.backdropLimit) ?? []
    let window = recipe.spec?.rectangle ?? PlaneWindow(around: backdrop)
    self.init(window: window, density: recipe.density, backdrop: backdrop)
  }

  /// The centres of the cells of a grid over a window, row by row from the top.
  static func centres(of window: PlaneWindow) -> [PlanePoint] {
    (0..<cells).flatMap { row in
      (0..<cells).map { window.centre(column: $0, row: row, of: cells) }
    }
  }

  /// The picture of a state, two squares side by side.
  func picture(_ state: PlaneState, side: Int = 256) -> Picture {
    var picture = Picture(width: state.surface.isEmpty ? side : 2 * side, height: side)
    draw(state, in: &picture, x: 0, y: 0, side: side)
    return picture
  }

  /// Draws a state with its upper left corner at a pixel.
  func draw(_ state: PlaneState, in picture: inout Picture, x: Int, y: Int, side: Int) {
    if !density.isEmpty {
      picture.show(
        density, columns: Self.cells, x: x..<(x + side), y: y..<(y + side), map: Self.densityMap)
    }
    dots(backdrop, in: &picture, x: x, y: y, side: side, colour: Colour(grey: 190))
    dots(state.samples, in: &picture, x: x, y: y, side: side, colour: Self.sampleColour)
    if !state.surface.isEmpty {
      let (low, high) = (state.surface.min() ?? 0, state.surface.max() ?? 1)
      let scaled = state.surface.map { high > low ? ($0 - low) / (high - low) : 0.5 }
      picture.show(
        scaled, columns: Self.cells, x: (x + side)..<(x + 2 * side), y: y..<(y + side))
    }
    for start in state.surface.isEmpty ? [x] : [x, x + side] {
      picture.fill(x: start..<(start + side), y: y..<(y + 1), with: Self.frame)
      picture.fill(x: start..<(start + 1), y: y..<(y + side), with: Self.frame)
    }
  }

  private func dots(
    _ points: [PlanePoint], in picture: inout Picture, x: Int, y: Int, side: Int, colour: Colour
  ) {
    let size = max(side / 128, 1)
    for point in points {
      let place = (point - window.low) / (window.high - window.low) * Double(side)
      guard place.min() >= 0, place.max() <= Double(side - size) else { continue }
      let (left, top) = (x + Int(place.x), y + side - size - Int(place.y))
      picture.fill(x: left..<(left + size), y: top..<(top + size), with: colour)
    }
  }
}

/// Digits of 3 by 5 pixels, for the numbers of steps.
enum Digits {
  /// The rows of each digit from the top, three bits each, the left pixel first.
  private static let rows: [[UInt8]] = [
    [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 7, 1, 7], [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 1, 1, 1], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
  ]

  /// Writes a number that is not negative.
  ///
  /// - Parameters:
  ///   - number: the number.
  ///   - picture: where to write it.
  ///   - x: the column of its upper left corner.
  ///   - y: the row of that corner.
  ///   - scale: pixels to a dot.
  static func draw(_ number: Int, in picture: inout Picture, x: Int, y: Int, scale: Int = 2) {
    for (index, digit) in String(number).compactMap(\.wholeNumberValue).enumerated() {
      for (row, bits) in rows[digit].enumerated() {
        for column in 0..<3 where bits & (4 >> column) != 0 {
          let (left, top) = (x + (4 * index + column) * scale, y + row * scale)
          picture.fill(x: left..<(left + scale), y: top..<(top + scale), with: .black)
        }
      }
    }
  }
}
