import Console
import Testing

@Suite struct ImportTests {
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
