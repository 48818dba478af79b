import Foundation

/// A lamp of random proportions.
struct Lamp {
  private enum Stand: CaseIterable { case pole, vase, tripod, arm, cord }
  private enum Shade: CaseIterable { case cone, drum, dome, globe }

  private(set) var mesh = Mesh()

  init(_ dice: inout Dice) {
    let width = dice.number(0.14...0.3)
    let rod = dice.number(0.008...0.02)
    switch dice.one(of: Stand.self) {
    case .pole:
      let height = dice.number(0.7...1.5)
      let foot = dice.number(0.1...0.2)
      mesh.addTurned([(foot, 0), (foot, 0.025), (rod, 0.05), (rod, height)])
      addShade(&dice, at: Vector(0, 0, height), width: width)
    case .vase:
      let height = dice.number(0.25...0.5)
      let (foot, belly, neck) = (dice.number(0.05...0.1), dice.number(0.07...0.15), dice.number(0.02...0.05))
      let bulge = dice.number(0.25...0.6)
      let profile = (0...12).map { step -> (Float, Float) in
        let share = Float(step) / 12
        let ends = foot + (neck - foot) * share
        let swell = exp(-pow((share - bulge) / 0.25, 2))
        return (ends + (belly - ends) * swell, height * share)
      }
      mesh.addTurned(profile.map { (radius: $0.0, place: $0.1) })
      mesh.addRod(from: Vector(0, 0, height), to: Vector(0, 0, height + 0.06), radius: rod)
      addShade(&dice, at: Vector(0, 0, height + 0.06), width: width)
    case .tripod:
      let height = dice.number(0.8...1.4)
      let spread = dice.number(0.2...0.4)
      for leg in 0..<3 {
        let angle = 2 * Float.pi * Float(leg) / 3
        mesh.addRod(
          from: Vector(spread * cos(angle), spread * sin(angle), 0), to: Vector(0, 0, height * 0.9),
          radius: rod)
      }
      mesh.addRod(from: Vector(0, 0, height * 0.85), to: Vector(0, 0, height), radius: rod * 1.5)
      addShade(&dice, at: Vector(0, 0, height), width: width)
    case .arm:
      let foot = dice.number(0.08...0.13)
      let (lower, upper) = (dice.number(0.25...0.4), dice.number(0.22...0.4))
      let (lean, reach) = (dice.number(-0.6...0.2), dice.number(0.9...1.5))
      mesh.addTurned([(foot, 0), (foot, 0.03)])
      let elbow = Vector(lower * sin(lean), 0, 0.03 + lower * cos(lean))
      let end = elbow + Vector(upper * sin(reach), 0, upper * cos(reach))
      mesh.addRod(from: Vector(0, 0, 0.03), to: elbow, radius: rod)
      mesh.addRod(from: elbow, to: end, radius: rod)
      let aim = Vector(dice.number(0.1...0.7), 0, -1)
      let (near, far) = (dice.number(0.03...0.05), dice.number(0.07...0.11))
      mesh.addTurned(
        [(near, -0.03), (near, 0.03), (far, dice.number(0.1...0.16))], from: end, toward: aim,
        isClosed: false)
    case .cord:
      let length = dice.number(0.2...0.7)
      mesh.addTurned([(0.06, length), (0.06, length - 0.02)])
      mesh.addRod(from: Vector(0, 0, 0), to: Vector(0, 0, length - 0.02), radius: rod * 0.6)
      addShade(&dice, at: Vector(), width: width * 1.2)
    }
  }

  /// A shade around a place where the bulb would be. Its ends are open.
  private mutating func addShade(_ dice: inout Dice, at place: Vector, width: Float) {
    let height = dice.number(0.6...1.2) * width
    switch dice.one(of: Shade.self) {
    case .cone:
      let top = width * dice.number(0.25...0.6)
      mesh.addTurned([(width, -height / 2), (top, height / 2)], from: place, isClosed: false)
    case .drum:
      mesh.addTurned([(width, -height / 2), (width, height / 2)], from: place, isClosed: false)
    case .dome:
      let profile = (0...8).map { step -> (radius: Float, place: Float) in
        let angle = Float.pi / 2 * Float(step) / 8
        return (width * cos(angle), width * 0.8 * sin(angle) - width * 0.4)
      }
      mesh.addTurned(profile, from: place, isClosed: false)
    case .globe:
      let radius = width * 0.75
      let profile = (0...14).map { step -> (radius: Float, place: Float) in
        let angle = Float.pi * (Float(step) / 14 - 0.5)
        return (radius * cos(angle), radius * (sin(angle) + 0.8))
      }
      mesh.addTurned(profile, from: place, isClosed: false)
    }
  }
}

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
