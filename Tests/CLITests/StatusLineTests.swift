import Console
import Metering
import Testing

@Suite struct `The status line` {
    private static let hook = """
        {"hook_event_name":"Status","session_id":"abc","transcript_path":"/never/read","cwd":"/src",
        "model":{"id":"claude-opus-4-1","display_name":"Opus 4.1"},
        "workspace":{"current_dir":"/src","project_dir":"/src"},"version":"2.1.0",
        "cost":{"total_cost_usd":0.23400000000000001,"total_duration_ms":45000},
        "context_window":{"total_input_tokens":99,"context_window_size":200000,
        "current_usage":{"input_tokens":5000,"cache_creation_input_tokens":5000,"cache_read_input_tokens":15000}},
        "exceeds_200k_tokens":false}
        """

    private static func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(seconds: 0) }

    private static func block(tokens: Int64, unpriced: Int64 = 0) -> UsageBlock {
        var block = UsageBlock(start: time("2026-05-19T00:00:00Z"), end: time("2026-05-19T05:00:00Z"))
        block.firstActivity = time("2026-05-19T00:15:00Z")
        block.lastActivity = time("2026-05-19T02:15:00Z")
        block.isActive = true
        block.figures = Cells.figures(tokens * 120, 0, 0, 0, 240_000, unpriced: unpriced, calls: 4)
        return block
    }

    private static func figures(_ block: UsageBlock?) -> StatusLine.Answer {
        .figures(
            StatusLine.Figures(
                session: Cells.figures(1, 1, 0, 0, 250_000), today: Cells.figures(1, 1, 0, 0, 1_230_000), block: block,
                now: time("2026-05-19T02:15:30Z")))
    }

    private static func line(_ ledger: StatusLine.Answer, _ change: (inout StatusLine.Options) -> Void = { _ in })
        throws -> String
    {
        var options = StatusLine.Options()
        change(&options)
        return StatusLine(hook: try StatusHook(json: Array(hook.utf8)), ledger: ledger).text(options)
    }

    @Test func `says what session, day and block cost, how fast it burns and how full the context is`() throws {
        #expect(
            try Self.line(Self.figures(Self.block(tokens: 100)))
                == "🤖 Opus 4.1 | 💰 $0.23 session / $1.23 today / $0.24 block (2h 44m left) | 🔥 $0.12/hr | 🧠 25,000 (13%)"
        )
    }

    @Test(arguments: [
        (StatusLine.CostSource.auto, "💰 $0.23 session"), (.cc, "💰 $0.23 session"), (.tollbook, "💰 $0.25 session"),
        (.ccusage, "💰 $0.25 session"), (.both, "💰 ($0.23 cc / $0.25 tollbook) session"),
    ])
    func `shows the session's cost from the source asked for`(source: StatusLine.CostSource, text: String) throws {
        #expect(try Self.line(Self.figures(nil)) { $0.costSource = source }.contains(text + " / $1.23 today"))
    }

    @Test(arguments: [
        (100, StatusLine.BurnRateMark.off, "🔥 $0.12/hr |"), (100, .emoji, "🔥 $0.12/hr 🟢 |"),
        (2000, .emoji, "🔥 $0.12/hr ⚠️ |"), (2000, .text, "🔥 $0.12/hr (Moderate) |"),
        (5000, .emojiText, "🔥 $0.12/hr 🚨 (High) |"), (1999, .text, "🔥 $0.12/hr (Normal) |"),
    ])
    func `marks the burn rate`(tokensPerMinute: Int64, mark: StatusLine.BurnRateMark, text: String) throws {
        let line = try Self.line(Self.figures(Self.block(tokens: tokensPerMinute))) { $0.burnRateMark = mark }
        #expect(line.contains(text))
    }

    @Test(arguments: [(50, 80, 32), (10, 80, 33), (5, 13, 31)] as [(Int64, Int64, Int)])
    func `colours the context by its thresholds`(low: Int64, medium: Int64, code: Int) throws {
        let line = try Self.line(Self.figures(nil)) { options in
            (options.contextLow, options.contextMedium, options.isColoured) = (low, medium, true)
        }
        #expect(line.contains("\u{1B}[\(code)m25,000 (13%)\u{1B}[39m"))
    }

    @Test func `never shows an unknown cost as none`() throws {
        let line = try Self.line(Self.figures(Self.block(tokens: 100, unpriced: 1)))
        #expect(line.contains("≥ $0.24 block"))
        #expect(line.contains("🔥 ≥ $0.12/hr"))
    }

    @Test func `is short where the ledger did not answer, and says nothing it does not know`() throws {
        #expect(try Self.line(.nothing) == "🤖 Opus 4.1 | 💰 $0.23 session | tollbook is away")
        #expect(StatusLine(hook: StatusHook(), ledger: .nothing).text(.init()) == "tollbook is away")
        let refused = "tollbook refuses; tollbook daily says why"
        #expect(try Self.line(.refusal) == "🤖 Opus 4.1 | 💰 $0.23 session | \(refused)")
        let bare = StatusLine(hook: StatusHook(), ledger: Self.figures(nil)).text(.init())
        #expect(bare == "💰 $0.25 session / $1.23 today / No active block")
    }

    @Test(
        arguments: [
            (#"{"context_window":{"total_input_tokens":7,"context_window_size":100,"current_usage":null}}"#, 7, 100),
            (#"{"context_window":{"total_input_tokens":7}}"#, 7, nil), (#"{"context_window":null}"#, nil, nil),
            (#"{"context_window":{"total_input_tokens":"many"}}"#, nil, nil),
        ] as [(String, Int64?, Int64?)])
    func `reads hooks old and new`(json: String, tokens: Int64?, size: Int64?) throws {
        let hook = try StatusHook(json: Array(json.utf8))
        #expect(hook.contextTokens == tokens)
        #expect(hook.contextSize == size)
        #expect(hook.session == nil && hook.cost == nil)
    }

    @Test func `what a terminal would obey is left out of names`() throws {
        let hook = try StatusHook(
            json: Array(#"{"model":{"display_name":"Opus\u001b[2J 5"},"effort":{"level":"hi\u0007gh\n"}}"#.utf8))
        #expect(hook.model == "Opus[2J 5")
        #expect(hook.effort == "high")
    }

    @Test func `refuses what is no hook`() {
        for text in ["", "[]", "nonsense", "\"text\""] {
            #expect(throws: (any Error).self) { try StatusHook(json: Array(text.utf8)) }
        }
    }
}
