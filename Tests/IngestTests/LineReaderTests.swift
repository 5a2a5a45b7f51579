import FileReading
import Foundation
import Support
import Testing

/// Whole lines of files, a part at a time.
struct LineReaderTests {
    /// Reads a file to its end.
    private static func parts(of path: String, from offset: Int64 = 0) throws -> (
        lines: [[UInt8]], rest: [UInt8], oversized: [Int64]
    ) {
        let file = try OpenFile(path)
        var reader = LineReader(at: offset)
        var result: (lines: [[UInt8]], rest: [UInt8], oversized: [Int64]) = ([], [], [])
        while true {
            switch try reader.next(in: file) {
            case .lines(let text): result.lines.append(text)
            case .oversizedLine(let size, _): result.oversized.append(size)
            case .end(let rest):
                result.rest = rest
                return result
            }
        }
    }

    private static func withFile<Value>(_ bytes: [UInt8], _ body: (String) throws -> Value) throws -> Value {
        let path = FileManager.default.temporaryDirectory.appending(path: "tollbook-lines-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(filePath: path))
        defer { unlink(path) }
        return try body(path)
    }

    @Test func `parts hold whole lines and together the whole file`() throws {
        var bytes: [UInt8] = []
        var random = SeededRandom(seed: 1)
        while bytes.count < 5 << 20 {
            bytes += [UInt8](repeating: 0x61, count: .random(in: 0...4_000, using: &random)) + [0x0A]
        }
        let last = Array("the last line has no end".utf8)
        try Self.withFile(bytes + last) { path in
            let parts = try Self.parts(of: path)
            #expect(parts.lines.flatMap { $0 } == bytes)
            #expect(parts.lines.allSatisfy { $0.last == 0x0A && $0.count <= LineReader.partBytes })
            #expect(parts.rest == last)
        }
    }

    @Test func `short lines come few at a time`() throws {
        let bytes = [UInt8](repeatElement(Array("x\n".utf8), count: 3 * LineReader.partLines + 7).joined())
        try Self.withFile(bytes + [0x78]) { path in
            let parts = try Self.parts(of: path)
            #expect(parts.lines.flatMap { $0 } == bytes && parts.rest == [0x78])
            #expect(parts.lines.allSatisfy { $0.count <= 2 * LineReader.partLines })
        }
    }

    @Test func `a line longer than a part comes whole, one longer than any line is left out`() throws {
        let long = [UInt8](repeating: 0x62, count: 3 << 20) + [0x0A]
        let tooLong = [UInt8](repeating: 0x63, count: LineReader.maximumLineBytes + 5_000_000)
        let short = Array("short\n".utf8)
        try Self.withFile(short + long + tooLong + [0x0A] + short) { path in
            let parts = try Self.parts(of: path)
            #expect(parts.lines.flatMap { $0 } == short + long + short)
            #expect(parts.oversized == [Int64(tooLong.count)])
            #expect(parts.rest.isEmpty)
        }
        try Self.withFile(short + tooLong) { path in
            let parts = try Self.parts(of: path)
            #expect(parts.lines == [short])
            #expect(parts.rest.isEmpty && parts.oversized.isEmpty)
        }
    }

    @Test func `folders are walked once, links to folders too`() throws {
        let files = FileManager.default
        let root = files.temporaryDirectory.appending(path: "tollbook-walk-\(UUID().uuidString)").path
        defer { try? files.removeItem(atPath: root) }
        try files.createDirectory(atPath: root + "/a/b", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: root + "/a/b/file.jsonl"))
        try Data("y".utf8).write(to: URL(filePath: root + "/top.jsonl"))
        try files.createSymbolicLink(atPath: root + "/a/b/up", withDestinationPath: root)
        try files.createSymbolicLink(atPath: root + "/link.jsonl", withDestinationPath: root + "/top.jsonl")
        var found: [String] = []
        var walk = FolderWalk(root)
        walk.walk { path, entry in
            if case .file = entry { found.append(path) }
        }
        #expect(found.sorted() == ["a/b/file.jsonl", "link.jsonl", "top.jsonl"])
        #expect(walk.failures == 0)
    }
}
