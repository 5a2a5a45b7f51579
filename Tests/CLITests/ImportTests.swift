import Console
import Testing

@Suite struct ImportTests {
    static let lines = ["{\"a\":1}\n", "{}\n", "\n", "{\"bb\":22}\n", "x\n"]

    @Test(arguments: 1...40)
    func `chunks hold whole lines, in order, whatever the reads are`(readSize: Int) {
        let file = Array(Self.lines.joined().utf8)
        for limit in 10...40 {
            var chunker = LineChunker(maximumBytes: limit)
            var chunks: [[UInt8]] = []
            for start in stride(from: 0, to: file.count, by: readSize) {
                chunks += chunker.add(file[start..<min(file.count, start + readSize)])
            }
            if let last = chunker.finish() { chunks.append(last) }
            #expect(chunks.flatMap { $0 } == file)
            #expect(chunks.allSatisfy { $0.count <= limit && $0.last == UInt8(ascii: "\n") })
            #expect(chunker.oversizedLines == 0)
        }
    }

    @Test(arguments: 1...12)
    func `a line longer than a chunk is left out and counted`(readSize: Int) {
        let file = Array("a\nlonger than that\nb\nlonger than that too\nc".utf8)
        var chunker = LineChunker(maximumBytes: 8)
        var kept: [UInt8] = []
        for start in stride(from: 0, to: file.count, by: readSize) {
            for chunk in chunker.add(file[start..<min(file.count, start + readSize)]) { kept += chunk }
        }
        kept += chunker.finish() ?? []
        #expect(String(decoding: kept, as: UTF8.self) == "a\nb\nc")
        #expect(chunker.oversizedLines == 2)
    }

    @Test(arguments: [
        ("a\nb\nc\nd\n", ["a\nb\nc\n", "d\n"]), ("aaaa\nb\n", ["aaaa\n", "b\n"]), ("a\nbbbbbb\n", ["a\n", "bbbbbb\n"]),
        ("a\nb", ["a\n", "b"]), ("one line\n", nil), ("one line", nil), ("\n", nil), ("", nil),
    ])
    func `a chunk that is refused for its size is cut between lines`(chunk: String, halves: [String]?) {
        let found = LineChunker.halves(of: Array(chunk.utf8)).map { [$0.first, $0.second] }
        #expect(found?.map { String(decoding: $0, as: UTF8.self) } == halves)
    }

    @Test(arguments: [
        ("/home/u/.claude/projects/-home-u-x/769a0743-1c41-4d85-8c29-91210d644c66.jsonl", "claude-code"),
        ("copy/projects/-tmp-w/769a0743-1c41-4d85-8c29-91210d644c66/subagents/agent-ab01.jsonl", "claude-code"),
        ("copy/-tmp-w/769a0743-1c41-4d85-8c29-91210d644c66.jsonl", "claude-code"),
        ("/home/u/.codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-x.jsonl", "codex"),
        ("/home/u/.gemini/tmp/0abc/chats/session-1.jsonl", "gemini-cli"),
        ("/home/u/notes/list.jsonl", nil),
    ])
    func `the folder tells the harness`(path: String, harness: String?) {
        #expect(HarnessGuess.harness(ofFile: path) == harness)
    }

    @Test func `progress shows share, rate and the time that is left`() {
        let line = ProgressLine(done: 3 << 20, total: 6 << 20, seconds: 2, detail: "12 of 24 files")
        #expect(line.text(barWidth: 10) == "[=====-----]  50%  12 of 24 files  1.5 MiB/s  0:03 left")
        let done = ProgressLine(done: 0, total: 0, seconds: 0, detail: "0 files")
        #expect(done.text(barWidth: 4) == "[====] 100%  0 files")
    }
}
