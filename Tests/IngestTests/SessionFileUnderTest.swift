import Foundation

/// Session files in a folder that a test changes as agents, people and tools do, with books of what they ever held.
struct SessionFilesUnderTest {
    /// One record: a call with its tokens.
    struct Record: Hashable {
        let number: Int
        let input: Int64
        let output: Int64
        let filler: Int

        /// The record as a line of Claude Code's, without its end.
        var line: String {
            """
            {"type":"assistant","sessionId":"session-\(number % 7)","uuid":"uuid-\(number)",\
            "timestamp":"2026-11-20T12:00:00.000Z","requestId":"req_\(number)","message":{"id":"msg_\(number)",\
            "model":"claude-opus-4-6","content":[{"type":"text","text":"\(String(repeating: "x", count: filler))"}],\
            "usage":{"input_tokens":\(input),"output_tokens":\(output)}}}
            """
        }
    }

    /// A file: its records, what is left of others before them, and what is written of one more.
    struct File {
        var path: String
        var records: [Record] = []
        /// What stands before the record of a number and is none.
        var remains: [Int: String] = [:]
        var half: Record?

        /// What stands in it up to a record.
        func text(upTo count: Int) -> String {
            records.prefix(count).enumerated().map { (remains[$0] ?? "") + $1.line + "\n" }.joined()
        }
    }

    let folder: String
    var files: [File] = []
    /// Every record that was ever written whole.
    private(set) var written: [Int: Record] = [:]
    private var made = 0
    private var names = 0

    init(folder: String) {
        self.folder = folder
    }

    /// A record that was not there before.
    mutating func record(_ random: inout some RandomNumberGenerator) -> Record {
        made += 1
        return Record(
            number: made, input: .random(in: 1...9_000, using: &random), output: .random(in: 1...900, using: &random),
            filler: Int.random(in: 0...6, using: &random) == 0 ? .random(in: 500...9_000, using: &random) : made % 50)
    }

    /// A path for a new file.
    mutating func newPath(_ random: inout some RandomNumberGenerator) -> String {
        names += 1
        let project = "\(folder)/-project-\(Int.random(in: 0..<4, using: &random))"
        let session = "session-\(names)"
        let isSubagent = Int.random(in: 0..<4, using: &random) == 0
        let path =
            isSubagent ? "\(project)/\(session)/subagents/agent-\(names).jsonl" : "\(project)/\(session).jsonl"
        try? FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        return path
    }

    /// Makes a file with records.
    mutating func create(_ records: [Record], _ random: inout some RandomNumberGenerator) throws {
        let file = File(path: newPath(&random), records: records)
        try Self.write(Self.text(records), to: file.path)
        note(records)
        files.append(file)
    }

    /// Writes records behind a file's others; what was half written is finished first.
    mutating func append(_ records: [Record], to index: Int) throws {
        try finishHalf(of: index)
        try Self.add(Self.text(records), to: files[index].path)
        files[index].records += records
        note(records)
    }

    /// Writes the first part of a record.
    mutating func appendHalf(_ record: Record, to index: Int) throws {
        try finishHalf(of: index)
        try Self.add(String(record.line.prefix(record.line.count / 2)), to: files[index].path)
        files[index].half = record
    }

    /// Writes the rest of a record that was begun.
    mutating func finishHalf(of index: Int) throws {
        guard let record = files[index].half else { return }
        try Self.add(String(record.line.dropFirst(record.line.count / 2)) + "\n", to: files[index].path)
        files[index].half = nil
        files[index].records.append(record)
        note([record])
    }

    /// Writes a file anew with other records, in place or as a new file under its name.
    mutating func rewrite(_ index: Int, with records: [Record], isReplaced: Bool) throws {
        let path = files[index].path
        files[index] = File(path: path, records: records)
        if isReplaced {
            try Self.write(Self.text(records), to: path + ".tmp")
            guard rename(path + ".tmp", path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } else {
            try Self.write(Self.text(records), to: path)
        }
        note(records)
    }

    /// Cuts a file off within a record, and ends what is left of that.
    mutating func truncate(_ index: Int, toRecords count: Int, andBytes rest: Int) throws {
        let path = files[index].path
        let size = files[index].text(upTo: count).utf8.count
        guard Glibc.truncate(path, off_t(size + rest)) == 0 else { throw CocoaError(.fileWriteUnknown) }
        files[index].half = nil
        files[index].records.removeSubrange(count...)
        files[index].remains = files[index].remains.filter { $0.key < count }
        guard rest > 0 else { return }
        try Self.add("\n", to: path)
        let left = try Data(contentsOf: URL(filePath: path)).dropFirst(size)
        files[index].remains[count] = String(decoding: left, as: UTF8.self)
    }

    /// Gives a file another name.
    mutating func move(_ index: Int, to path: String) throws {
        try? FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        guard rename(files[index].path, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        files[index].path = path
    }

    /// Removes a file.
    mutating func remove(_ index: Int) throws {
        unlink(files[index].path)
        files.remove(at: index)
    }

    private mutating func note(_ records: [Record]) {
        for record in records { written[record.number] = record }
    }

    static func text(_ records: [Record]) -> String { records.map { $0.line + "\n" }.joined() }

    static func write(_ text: String, to path: String) throws {
        try write(text, to: path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
    }

    static func add(_ text: String, to path: String) throws {
        try write(text, to: path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
    }

    private static func write(_ text: String, to path: String, _ flags: Int32) throws {
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
    }
}
