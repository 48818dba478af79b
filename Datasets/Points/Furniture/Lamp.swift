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
