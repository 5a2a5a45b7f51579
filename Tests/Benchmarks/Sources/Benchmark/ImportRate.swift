import Foundation
import LocalHTTP
import Supervision
import Support
import Wire

/// How fast history is imported, beside what only counts its lines and what only reads its JSON.
struct ImportRate {
    let executables: String

    /// Prints, for a tree of so many megabytes: rates, the most memory an import took, and whether it counted right.
    func measure(megabytes: Int) throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let tree = try ClaudeTree(at: folder.path + "/.claude/projects", bytes: megabytes * 1_000_000)
        let files = FileManager.default.subpaths(atPath: tree.folder)?.filter { $0.hasSuffix(".jsonl") }.sorted() ?? []
        print("a tree of \(tree.bytes / 1_000_000) MB in \(files.count) files, \(tree.truth.calls) calls:")
        let lines = try Self.time {
            let run = try Command(
                "/bin/sh", ["-c", "find '\(tree.folder)' -name '*.jsonl' -print0 | xargs -0 cat | wc -l"])
            guard run.status == 0 else { throw SupportFailure("wc failed: \(run.errors)") }
        }
        show("cat | wc -l", tree.bytes, lines)
        let scan = try Self.time { for file in files { try Self.scan(tree.folder + "/" + file) } }
        show("reading its JSON, line by line, one thread", tree.bytes, scan)

        let services = try RunningServices(executables: executables)
        defer { services.shutDown() }
        let program = executables + "/tollbook"
        let arguments = ["import", tree.folder, "--ingest", services.ingest.description]
        var peak = 0
        let first = try Self.time { peak = try Self.peakMegabytes(of: program, arguments) }
        show("tollbook import, until ingest has it", tree.bytes, first)
        let view = try services.settledLedger(timeout: .seconds(600)) {
            $0.books.total.calls == Int64(tree.truth.calls)
        }
        let isRight =
            view.books.total.calls == Int64(tree.truth.calls) && view.books.total.output == tree.truth.output
        print("  \(isRight ? "every call is counted once" : "WRONG: \(view.books.total)")")
        let again = try Self.time { peak = max(peak, try Self.peakMegabytes(of: program, arguments)) }
        show("tollbook import, the same once more", tree.bytes, again)
        print("  the most memory that tollbook import took: \(peak) MB")
    }

    private static func scan(_ path: String) throws {
        let text = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            var json = JSONReader(text, in: start..<end)
            try json.skip()
            start = end + 1
        }
    }

    private static func time(_ work: () throws -> Void) rethrows -> Duration {
        let start = ContinuousClock.now
        try work()
        return ContinuousClock.now - start
    }

    private func show(_ name: String, _ bytes: Int, _ time: Duration) {
        let rate = Double(bytes) / 1_000_000 / (time / .seconds(1))
        print("  \(name.padding(toLength: 44, withPad: " ", startingAt: 0)) \(String(format: "%8.1f", rate)) MB/s")
    }

    /// Runs a command to its end and gives the most resident memory that it took.
    private static func peakMegabytes(of program: String, _ arguments: [String]) throws -> Int {
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(nowhere) }
        let child = try ChildProcess(starting: program, arguments: arguments, output: nowhere)
        var peak = 0
        while true {
            if let end = child.exitIfEnded() {
                guard end == .status(0) else { throw SupportFailure("import failed: \(end)") }
                return peak
            }
            let status = FileManager.default.contents(atPath: "/proc/\(child.pid)/status") ?? Data()
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            let kibibytes = line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
            peak = max(peak, kibibytes * 1024 / 1_000_000)
            pause(.milliseconds(20))
        }
    }
}
