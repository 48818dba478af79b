import Failures
import PlaneDatasets
import TextDatasets

extension HostileReaders {
  /// Texts and tables.
  static func texts(bulk isBulk: Bool) -> [HostileReader] {
    let lines = (0..<40).map { "line \($0) \u{e9}\u{1f600}\u{4e16} a\u{301}" }.joined(separator: "\n")
    let samples = [lines + "\r\n", "\u{feff}" + lines + "\r"].map { Array($0.utf8) }
    var (little, big): ([UInt8], [UInt8]) = ([0xff, 0xfe], [0xfe, 0xff])
    for unit in lines.utf16 {
      let (low, high) = (UInt8(unit & 0xff), UInt8(unit >> 8))
      little += [low, high]
      big += [high, low]
    }
    let others: [[UInt8]] = [little, big, lines.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }]
    let words = [
      "\r", "\n", "\r\n", "\0", "\u{feff}", "\u{301}", "\u{200d}", "\u{1f468}\u{200d}\u{1f469}", "\u{d7ff}",
      "\u{10ffff}", " ",
    ]
    func table(_ separator: String) -> String {
      (0..<20).map { ["\($0).5", "-\($0)e-1", "label \($0 % 3)"].joined(separator: separator) }.joined(
        separator: "\n")
    }
    let tables = [
      "x,y,name\n" + table(",") + "\n", table(";"), "\"a b\"\t\"c\"\"d\"\n" + table("\t"), table(" "),
    ]
    // A line is kept as its place, eight bytes; a row as two numbers of eight bytes each.
    @Sendable func lineBytes(_ content: [UInt8]) -> Int { 8 * content.count { $0 == 0x0a || $0 == 0x0d } }
    @Sendable func rowBytes(_ content: [UInt8]) -> Int { 16 * content.count { $0 == 0x0a } }
    return [
      HostileReader(
        "text, lines", fileName: "a.txt", samples: samples, bulk: bulk(isBulk, "", "a\n", ""), words: words,
        kept: lineBytes
      ) { path in
        _ = try TextCorpus(path: path)
        return 0
      },
      HostileReader(
        "text, windows", fileName: "a.txt", samples: samples,
        bulk: bulk(isBulk, "", "ab\n", "") + bulk(isBulk, "a", "\u{301}\u{323}", "\n"),
        words: words, kept: lineBytes
      ) { path in
        _ = try TextCorpus(path: path, options: .init(window: 16, symbols: .graphemes))
        return 0
      },
      HostileReader(
        "text, encodings", fileName: "a.txt", samples: others,
        bulk: isBulk ? [others[0] + bulk(true, "", "a\0\n\0", "")[0]] : [], words: words, kept: lineBytes
      ) { path in
        // UTF-16 in either order is text of a kind in both; what no encoding takes is refused.
        let refusals = TextEncoding.allCases.compactMap { encoding -> (any Error)? in
          do {
            _ = try TextCorpus(path: path, options: .init(encoding: encoding))
            return nil
          } catch {
            return error
          }
        }
        if refusals.count == TextEncoding.allCases.count { throw refusals[0] }
        if let fault = refusals.first(where: { !($0 is UserError) }) { throw fault }
        return 0
      },
      HostileReader(
        "text, gzip", fileName: "a.txt.gz", samples: samples.map(Packing.gzip), words: ["\u{1f}\u{8b}\u{8}"]
      ) { path in
        _ = try TextCorpus(path: path)
        return 0
      },
      HostileReader(
        "text, whole gzip", fileName: "a.txt.gz", samples: samples + others,
        bulk: bulk(isBulk, "", "a\n", ""),
        words: words,
        finish: { Packing.gzip($0) }, kept: lineBytes
      ) { path in
        _ = try TextCorpus(path: path)
        return 0
      },
      HostileReader(
        "CSV and other tables", fileName: "a.csv", samples: tables.map { Array($0.utf8) },
        bulk: bulk(isBulk, "", "1,2\n", "") + bulk(isBulk, "", "1,2,3\n", ""),
        words: ["\"", "\"\"", ",", ";", "\t", "\r\n", "nan", "-", "\u{feff}", "NA"], kept: rowBytes
      ) { path in
        _ = try PlaneCorpus(
          path: path, validation: nil, holdout: nil, options: PlaneDataOptions(), labels: nil)
        var options = PlaneDataOptions()
        (options.labelColumn, options.skipBad) = ("3", true)
        _ = try? PlaneCorpus(path: path, validation: nil, holdout: nil, options: options, labels: nil)
        return 0
      },
    ]
  }
}
