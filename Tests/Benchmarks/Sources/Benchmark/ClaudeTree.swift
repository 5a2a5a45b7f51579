import Foundation
import Support

/// A made-up history of Claude Code on disk, shaped like real ones: many small files and a few large ones, answers over
/// several lines with growing counts, large tool results between them, subagents in folders of their own, resumed sessions
/// that begin with a copy of another.
struct ClaudeTree {
    /// The folder that stands for `projects`.
    let folder: String
    /// Bytes of all files.
    private(set) var bytes = 0
    /// Calls that a right count finds, and their output tokens.
    private(set) var truth = (calls: 0, output: Int64(0))
    private var random = SeededRandom(seed: 7)
    private var made = 0
    private let words: String

    /// Shares of the files up to which they are so large, of a published survey of real trees.
    private static let sizes: [(share: Double, bytes: Double)] = [
        (0, 2_000), (0.5, 105_000), (0.75, 233_000), (0.9, 654_000), (0.95, 1_505_000), (0.99, 5_384_000),
        (1, 20_000_000),
    ]

    /// Writes a tree.
    init(at folder: String, bytes target: Int) throws {
        self.folder = folder
        var generator = random
        let letters = Array("abcdefghijklmnopqrstuvwxyz    {}()=;0123456789")
        words = String((0..<200_000).map { _ in letters[Int.random(in: letters.indices, using: &generator)] })
        var copied: [String] = []
        while bytes < target {
            let session = identifier()
            let isSubagent = Int.random(in: 0..<6, using: &random) == 0
            let project = "\(folder)/-home-dev-project-\(Int.random(in: 0..<40, using: &random))"
            let path =
                isSubagent ? "\(project)/\(session)/subagents/agent-\(made).jsonl" : "\(project)/\(session).jsonl"
            var text = copied.joined()
            copied = []
            let size = Int(Self.size(at: Double.random(in: 0..<1, using: &random)))
            while text.utf8.count < size { text += turn(session, isSubagent) }
            if !isSubagent, Int.random(in: 0..<10, using: &random) == 0 {
                copied = text.split(separator: "\n").prefix(20).map { $0 + "\n" }
            }
            try FileManager.default.createDirectory(
                atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
            bytes += text.utf8.count
        }
    }

    private static func size(at share: Double) -> Double {
        for (low, high) in zip(sizes, sizes.dropFirst()) where share <= high.share {
            return low.bytes + (high.bytes - low.bytes) * (share - low.share) / (high.share - low.share)
        }
        return sizes[sizes.count - 1].bytes
    }

    private mutating func identifier() -> String { UUID.made(&random) }

    private mutating func text(_ longest: Int) -> Substring {
        // Most are short, some are long.
        let share = Double.random(in: 0..<1, using: &random)
        let count = 20 + Int(Double(longest) * share * share * share)
        let start = Int.random(in: 0..<words.utf8.count - count, using: &random)
        return words.utf8.dropFirst(start).prefix(count).withContiguousStorageIfAvailable { bytes in
            Substring(String(decoding: bytes, as: UTF8.self))
        } ?? ""
    }

    /// A question, an answer of one to three lines, and a tool's result.
    private mutating func turn(_ session: String, _ isSubagent: Bool) -> String {
        made += 1
        let common = """
            "isSidechain":\(isSubagent),"userType":"external","cwd":"/home/dev/project","sessionId":"\(session)",\
            "version":"2.1.40","gitBranch":"main",\(isSubagent ? "\"agentId\":\"a\(session.prefix(6))\"," : "")
            """
        let time = "2026-05-\(10 + made % 20)T1\(made % 10):00:0\(made % 10).000Z"
        let output = Int64.random(in: 20...3_000, using: &random)
        truth.calls += 1
        truth.output += output
        let lines = Int.random(in: 1...3, using: &random)
        var text = ""
        for line in 1...lines {
            let counted = line == lines ? output : Int64(line)
            text += """
                {"parentUuid":"\(identifier())",\(common)"message":{"model":"claude-sonnet-4-5-20250929",\
                "id":"msg_01\(made)","type":"message","role":"assistant","content":[{"type":"text","text":\
                "\(self.text(3_000))"}],"stop_reason":"tool_use","usage":{"input_tokens":\(made % 9),\
                "cache_creation_input_tokens":\(made % 4_000),"cache_read_input_tokens":\(made % 90_000),\
                "cache_creation":{"ephemeral_5m_input_tokens":\(made % 4_000),"ephemeral_1h_input_tokens":0},\
                "output_tokens":\(counted),"service_tier":"standard"}},"requestId":"req_011\(made)",\
                "type":"assistant","uuid":"\(identifier())","timestamp":"\(time)"}

                """
        }
        let body = self.text(12_000)
        return text + """
            {"parentUuid":"\(identifier())",\(common)"type":"user","message":{"role":"user","content":[{"tool_use_id":\
            "toolu_01\(made)","type":"tool_result","content":"\(body)"}]},"uuid":"\(identifier())",\
            "timestamp":"\(time)","toolUseResult":{"stdout":"\(body)","stderr":"","interrupted":false}}

            """
    }
}

extension UUID {
    fileprivate static func made(_ random: inout SeededRandom) -> String {
        let (high, low) = (random.next(), random.next())
        let digits = Array(String(high, radix: 16).leftPadded(16) + String(low, radix: 16).leftPadded(16))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
