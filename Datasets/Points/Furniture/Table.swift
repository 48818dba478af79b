import Foundation

/// A table of random proportions.
struct Table {
  private enum Base: CaseIterable { case straight, tapered, splayed, column, panels, trestles }

  private(set) var mesh = Mesh()
  private let length: Float
  private let width: Float
  private let height: Float
  private let thickness: Float

  init(_ dice: inout Dice) {
    let isLow = dice.happens(0.3)
    height = isLow ? dice.number(0.32...0.5) : dice.number(0.66...0.8)
    length = dice.number(0.7...1.7)
    width = length * dice.number(0.45...1)
    thickness = dice.number(0.02...0.07)
    let isOval = dice.happens(0.3)
    if isOval {
      let outline = (0..<36).map { corner -> Vector in
        let angle = 2 * Float.pi * Float(corner) / 36
        return Vector(width / 2 * cos(angle), length / 2 * sin(angle), height - thickness)
      }
      mesh.addPrism(outline, along: Vector(0, 0, thickness))
    } else {
      mesh.addBox(x: -width / 2...width / 2, y: -length / 2...length / 2, z: height - thickness...height)
    }
    addBase(&dice, inset: isOval ? 0.62 : dice.number(0.8...0.97))
  }

  private mutating func addBase(_ dice: inout Dice, inset: Float) {
    let leg = dice.number(0.035...0.09)
    let under = height - thickness
    let (x, y) = ((width - leg) / 2 * inset, (length - leg) / 2 * inset)
    let base = dice.one(of: Base.self)
    let spread = dice.number(1.05...1.25)
    switch base {
    case .straight, .tapered, .splayed:
      for (x, y) in [(x, y), (x, -y), (-x, -y), (-x, y)] {
        let top = Vector(x, y, under)
        switch base {
        case .straight: mesh.addBar(from: Vector(x, y, 0), to: top, width: leg, depth: leg)
        case .tapered: mesh.addRod(from: Vector(x, y, 0), to: top, radius: leg * 0.3, endRadius: leg * 0.6)
        default:
          mesh.addRod(
            from: Vector(x * spread, y * spread, 0), to: top, radius: leg * 0.35, endRadius: leg * 0.5)
        }
      }
      if base == .straight {
        if dice.happens(0.35) {
          let shelf = dice.number(0.15...0.4) * height
          mesh.addBox(x: -x...x, y: -y...y, z: shelf...shelf + 0.025)
        } else if dice.happens(0.5) {
          let apron = dice.number(0.06...0.12)
          for side in [x, -x] {
            mesh.addBar(
              from: Vector(side, y, under - apron / 2), to: Vector(side, -y, under - apron / 2), width: 0.02,
              depth: apron)
          }
          for side in [y, -y] {
            mesh.addBar(
              from: Vector(x, side, under - apron / 2), to: Vector(-x, side, under - apron / 2), width: 0.02,
              depth: apron)
          }
        }
      }
    case .column:
      let foot = width * dice.number(0.25...0.38)
      mesh.addTurned([
        (foot, 0), (foot, 0.03), (leg, 0.1), (leg * 0.8, under * 0.6), (leg * 1.4, under),
      ])
    case .panels:
      for side in [y, -y] {
        mesh.addBox(x: -x...x, y: side - leg / 3...side + leg / 3, z: 0...under)
      }
      if dice.happens(0.6) {
        let z = dice.number(0.1...0.7) * under
        mesh.addBox(x: -0.015...0.015, y: -y...y, z: z...z + under * 0.25)
      }
    case .trestles:
      for side in [y, -y] {
        for end in [x, -x] {
          mesh.addBar(
            from: Vector(end, side, 0), to: Vector(end * 0.25, side, under), width: leg, depth: leg * 0.8)
        }
      }
      let z = under * 0.35
      mesh.addBar(from: Vector(0, y, z), to: Vector(0, -y, z), width: leg * 0.7, depth: leg * 0.7)
    }
  }
}
