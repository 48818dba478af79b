import Foundation
import Pictures
import PointDatasets
import PointsModality
import Testing

@Suite struct ContactSheetTests {
  private let cloud = Furniture().cloud(0, points: 300)

  /// Pixels of a rectangle that are not white, and the mean of their greens, which is large where points are far.
  private func ink(_ picture: Picture, x: Range<Int>, y: Range<Int>) -> (count: Int, lightness: Double) {
    let greens = y.flatMap { row in x.map { picture[$0, row] } }.filter { $0 != .white }.map { Int($0.green) }
    return (greens.count, Double(greens.reduce(0, +)) / Double(max(1, greens.count)))
  }

  @Test func cloudsFillTheirSquaresRowByRow() {
    let picture = ContactSheet(clouds: [cloud, cloud, cloud], columns: 2, cell: 64).picture()
    #expect((picture.width, picture.height) == (128, 128))
    for (x, y) in [(0..<64, 0..<64), (64..<128, 0..<64), (0..<64, 64..<128)] {
      #expect(ink(picture, x: x, y: y).count > 200)
    }
    #expect(ink(picture, x: 64..<128, y: 64..<128).count == 0)
    #expect(ContactSheet(clouds: [cloud, cloud, cloud], columns: 2, cell: 64).picture() == picture)
  }

  @Test func sheetsAreAboutSquareAndNotLargerThanAPicture() {
    func sheet(_ count: Int, columns: Int? = nil, cell: Int = 16) -> ContactSheet {
      ContactSheet(clouds: Array(repeating: [0, 0, 0], count: count), columns: columns, cell: cell)
    }
    #expect(sheet(12).columns == 4)
    #expect(sheet(1).columns == 1)
    #expect(sheet(3, columns: 9).columns == 3)
    #expect(sheet(40, columns: 2, cell: 4096).clouds.count == 8)
  }

  @Test func nearPointsAreDarkAndHideFarOnes() {
    // The front is -y.
    func wall(_ y: Float) -> [Float] {
      (0..<400).flatMap { point -> [Float] in
        let (column, row) = (Float(point % 20), Float(point / 20))
        return [column / 10 - 1, y, row / 10 - 1]
      }
    }
    let far = ContactSheet(clouds: [wall(1) + [0, -1, 0]], cell: 96).picture()
    let near = ContactSheet(clouds: [wall(-1) + [0, 1, 0]], cell: 96).picture()
    let (pale, dark) = (ink(far, x: 0..<96, y: 0..<96), ink(near, x: 0..<96, y: 0..<96))
    #expect(dark.lightness + 20 < pale.lightness, "\(dark) \(pale)")
  }

  @Test func eitherAxisMayPointUpwards() {
    let turned = stride(from: 0, to: cloud.coordinates.count, by: 3).flatMap { index in
      [cloud.coordinates[index], cloud.coordinates[index + 2], -cloud.coordinates[index + 1]]
    }
    let picture = ContactSheet(clouds: [cloud], cell: 64).picture()
    #expect(ContactSheet(clouds: [turned], cell: 64, up: .y).picture() == picture)
    #expect(ContactSheet(clouds: [turned], cell: 64).picture() != picture)
  }

  @Test(
    arguments: [
      [], [0, 0, 0], [.nan, 0, 0, 1, 1, 1], [.infinity, 0, 0], [5, 5, 5, 5, 5, 5],
      [-.greatestFiniteMagnitude, 0, 0, .greatestFiniteMagnitude, 0, 0],
      [0, 0, 0, .leastNonzeroMagnitude, 0, 0],
    ] as [[Float]])
  func strangeCloudsAreDrawnToo(coordinates: [Float]) {
    #expect(ContactSheet(clouds: [coordinates], cell: 32).picture().width == 32)
  }
}
