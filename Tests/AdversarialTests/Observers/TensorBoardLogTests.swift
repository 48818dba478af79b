import Failures
import Foundation
import TestSupport
import Testing

@testable import Adversarial

/// Files of events, read back by a parser that shares nothing with what wrote them.
@Suite struct TensorBoardLogTests {
  /// A field of a message: its number, and its value as the wire has it.
  private struct WireField {
    var number: Int
    var value: UInt64 = 0
    var bytes = Data()
  }

  private func varint(_ data: Data, _ position: inout Int) throws -> UInt64 {
    var (value, shift) = (UInt64(0), 0)
    while true {
      try #require(position < data.count && shift < 64)
      let byte = data[position]
      position += 1
      value |= UInt64(byte & 127) << UInt64(shift)
      if byte & 128 == 0 { return value }
      shift += 7
    }
  }

  private func fields(of message: Data) throws -> [WireField] {
    let data = Data(message)
    var (position, found) = (0, [WireField]())
    while position < data.count {
      let key = try varint(data, &position)
      var field = WireField(number: Int(key >> 3))
      switch key & 7 {
      case 0: field.value = try varint(data, &position)
      case 1, 5:
        let size = key & 7 == 1 ? 8 : 4
        try #require(position + size <= data.count)
        for index in 0..<size { field.value |= UInt64(data[position + index]) << UInt64(8 * index) }
        position += size
      default:
        try #require(key & 7 == 2)
        let size = Int(try varint(data, &position))
        try #require(position + size <= data.count)
        field.bytes = Data(data[position..<position + size])
        position += size
      }
      found.append(field)
    }
    return found
  }

  private struct Event {
    var step = 0
    var version: String?
    var values: [(tag: String, fields: [WireField])] = []
  }

  /// The checksum by its definition, bit by bit.
  private func checksum(_ data: Data) -> UInt32 {
    var sum = UInt32.max
    for byte in data {
      for bit in 0..<8 {
        let out = (sum ^ UInt32(byte >> UInt8(bit))) & 1
        sum = (sum >> 1) ^ (out == 1 ? 0x82F6_3B78 : 0)
      }
    }
    sum = ~sum
    return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
  }

  private func events(in file: URL) throws -> [Event] {
    let data = try Data(contentsOf: file)
    var (position, found) = (0, [Event]())
    func number(_ size: Int) -> UInt64 {
      defer { position += size }
      return (0..<size).reduce(0) { $0 | UInt64(data[position + $1]) << UInt64(8 * $1) }
    }
    while position < data.count {
      let size = Int(number(8))
      #expect(number(4) == UInt64(checksum(data[position - 12..<position - 4])))
      let body = Data(data[position..<position + size])
      position += size
      #expect(number(4) == UInt64(checksum(body)))
      var event = Event()
      for field in try fields(of: body) {
        switch field.number {
        case 1: #expect(Double(bitPattern: field.value) > 1e9)
        case 2: event.step = Int(field.value)
        case 3: event.version = String(decoding: field.bytes, as: UTF8.self)
        case 5:
          for value in try fields(of: field.bytes) where value.number == 1 {
            let inner = try fields(of: value.bytes)
            let tag = try #require(inner.first { $0.number == 1 })
            event.values.append((String(decoding: tag.bytes, as: UTF8.self), inner))
          }
        default: Issue.record("field \(field.number)")
        }
      }
      found.append(event)
    }
    return found
  }

  private func report(_ step: Int, _ value: Double) -> TrainingEvent {
    .report(
      TrainingReport(
        step: step, phase: "duel", scalars: [Scalar("generator.loss", value), Scalar("validation", 2)],
        rate: 8,
        seconds: 1))
  }

  private var preview: Preview {
    Preview(items: [
      PreviewItem(fileName: "samples.txt", lines: ["one", "two\nlines"]),
      PreviewItem(
        fileName: "samples.wav", content: .sound(samples: [0, 1, 2, 3], channels: 2, rate: 8000),
        fileBytes: [9, 8]),
      PreviewItem(
        fileName: "samples.png", content: .picture(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]),
        fileBytes: [7]),
      PreviewItem(fileName: "shape.ply", content: .cloud([1, 2, 3, 4, 5, 6]), fileBytes: [1]),
      PreviewItem(
        fileName: "samples.flac", content: .sound(samples: [0], channels: 1, rate: 8000), fileBytes: [1]),
    ])
  }

  @Test func checksumsAreCastagnolis() {
    // The check value of every catalogue of such checksums.
    #expect(CyclicRedundancyCheck.castagnoli(Array("123456789".utf8)[...]) == 0xE306_9283)
    #expect(CyclicRedundancyCheck.castagnoli([]) == 0)
  }

  @Test func whatHappensIsReadBack() throws {
    let folder = try TemporaryFolder()
    let file = folder["events.out.tfevents.duel"]
    let log = try TensorBoardLog(file: file)
    for event in [
      .started(totalSteps: 10), report(300, 0.25), .preview(step: 300, preview),
      .decided(step: 301, text: "the duel ends"), .warning(step: 302, text: "a label is silent"),
      .stepped(step: 303),
      .finished(step: 303),
    ] as [TrainingEvent] { try log.receive(event) }
    let found = try events(in: file)
    #expect(found.map(\.step) == [0, 300, 300, 301, 302])
    #expect(found[0].version == "brain.Event:2")
    #expect(found[1].values.map(\.tag) == ["generator/loss", "validation", "progress/rate"])
    let loss = try #require(found[1].values[0].fields.first { $0.number == 2 })
    #expect(Float(bitPattern: UInt32(loss.value)) == 0.25)

    let shown = Dictionary(uniqueKeysWithValues: found[2].values.map { ($0.tag, $0.fields) })
    #expect(
      Set(shown.keys) == [
        "previews/samples.txt", "previews/samples.wav", "previews/samples.png", "previews/shape.ply_VERTEX",
      ])
    func part(_ tag: String, _ number: Int) throws -> [WireField] {
      try fields(of: #require(shown[tag]?.first { $0.number == number }).bytes)
    }
    let text = try part("previews/samples.txt", 8)
    #expect(
      text.filter { $0.number == 8 }.map { String(decoding: $0.bytes, as: UTF8.self) } == [
        "    one", "    two\n    lines",
      ])
    let sound = try part("previews/samples.wav", 6)
    #expect(Float(bitPattern: UInt32(sound[0].value)) == 8000)
    #expect(sound[1].value == 2 && sound[2].value == 2 && sound[3].bytes == Data([9, 8]))
    let picture = try part("previews/samples.png", 4)
    #expect(picture.prefix(3).map(\.value) == [1, 2, 3] && picture[3].bytes == Data([7]))
    let cloud = try part("previews/shape.ply_VERTEX", 8)
    let points = try #require(cloud.first { $0.number == 4 }).bytes
    #expect(points.count == 24 && points.prefix(4) == Data([0, 0, 0x80, 0x3F]))
    let plugin = try part("previews/shape.ply_VERTEX", 9)
    let named = try fields(of: plugin[0].bytes)
    #expect(String(decoding: named[0].bytes, as: UTF8.self) == "mesh")
    #expect(found[3].values[0].tag == "decided" && found[4].values[0].tag == "warnings")
  }

  /// A killed process may have written beyond its last checkpoint, and half an event.
  @Test func aResumedRunHasEachStepOnce() throws {
    let folder = try TemporaryFolder()
    let file = folder["events.out.tfevents.duel"]
    let first = try TensorBoardLog(file: file)
    for event in [.started(totalSteps: 10), report(1, 1), report(2, 2), report(3, 3)] {
      try first.receive(event)
    }
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([5, 0, 0, 0]))
    try handle.close()
    let second = try TensorBoardLog(file: file)
    for event in [.resumed(step: 2, totalSteps: 10), report(3, 30), report(4, 40)] {
      try second.receive(event)
    }
    #expect(try events(in: file).map(\.step) == [0, 1, 2, 3, 4])
    let last = try #require(
      try events(in: file).dropLast().last?.values.first?.fields.first { $0.number == 2 })
    #expect(Float(bitPattern: UInt32(last.value)) == 30)
  }

  @Test func aRunThatHadNoneBeginsOneWhenItGoesOn() throws {
    let folder = try TemporaryFolder()
    let file = folder["events.out.tfevents.duel"]
    let log = try TensorBoardLog(file: file)
    for event in [.resumed(step: 7, totalSteps: 10), report(8, 1)] { try log.receive(event) }
    #expect(try events(in: file).map(\.step) == [0, 8])
  }

  @Test func anotherProgramsEventsAreRefused() throws {
    let folder = try TemporaryFolder()
    let file = folder["events.out.tfevents.duel"]
    try Data(EventRecords.record([0x10, 5])).write(to: file)
    let log = try TensorBoardLog(file: file)
    #expect(throws: UserError.self) { try log.receive(.resumed(step: 1, totalSteps: 2)) }
  }
}
