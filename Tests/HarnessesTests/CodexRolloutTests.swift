import Harnesses
import Metering
import Testing

/// Codex's session files.
struct CodexRolloutTests {
    private static let parent = "01980000-1111-7222-8333-444455556666"
    private static let child = "01980000-2222-7222-8333-444455556666"
    private static let sibling = "01980000-3333-7222-8333-444455556666"

    /// Counts as a rollout writes them: input, cached, output.
    private typealias Counts = (Int, Int, Int)

    private static func usage(_ counts: Counts) -> String {
        """
        {"input_tokens":\(counts.0),"cached_input_tokens":\(counts.1),"output_tokens":\(counts.2),\
        "reasoning_output_tokens":0,"total_tokens":\(counts.0 + counts.2)}
        """
    }

    private static func total(_ total: Counts?, last: Counts?, at time: Int = 5) -> String {
        let parts = [
            total.map { #""total_token_usage":"# + usage($0) }, last.map { #""last_token_usage":"# + usage($0) },
        ]
        return line(
            time, "event_msg", #"{"type":"token_count","info":{\#(parts.compactMap(\.self).joined(separator: ","))}}"#)
    }

    private static func line(_ second: Int, _ type: String, _ payload: String) -> String {
        """
        {"timestamp":"2026-02-10T10:00:\(second < 10 ? "0" : "")\(second).000Z","type":"\(type)","payload":\(payload)}
        """
    }

    private static func meta(_ id: String, _ more: String = "") -> String {
        line(0, "session_meta", #"{"id":"\#(id)","originator":"codex_cli_rs","model_provider":"openai"\#(more)}"#)
    }

    private static func turn(_ id: String = "", model: String = "gpt-5.2-codex") -> String {
        line(1, "turn_context", #"{"turn_id":"\#(id)","model":"\#(model)"}"#)
    }

    private static func record(_ id: String, _ counts: Counts, thread total: Counts) -> String {
        line(
            4, "token_usage_record",
            """
            {"thread_id":"\(parent)","response_id":"\(id)","usage":\(usage(counts)),"thread_token_usage":\(usage(total))}
            """)
    }

    /// What a file of some lines gives, with other files beside it.
    private func read(_ lines: [String], named id: String = parent, beside others: [String: [String]] = [:]) throws
        -> IntakeResult
    {
        let siblings = SiblingFiles { name, take in
            guard let file = others.first(where: { name.contains($0.key) }) else { return false }
            for line in file.value where !take(Array(line.utf8)[...]) { break }
            return true
        }
        let file = SessionFile(path: "sessions/2026/02/10/rollout-2026-02-10T10-00-00-\(id).jsonl", siblings: siblings)
        var reading = try #require(Intake.forTests.beginTranscript(of: Harness(rawValue: "codex"), file: file))
        return reading.read(Array(lines.joined(separator: "\n").utf8), receivedTime: Intake.noon)
    }

    private let history = [
        meta(parent), turn(), total((4000, 1000, 300), last: (4000, 1000, 300)),
        total((4000, 1000, 300), last: (4000, 1000, 300), at: 6),
        total((9500, 4800, 450), last: (5500, 3800, 150), at: 9),
    ]

    private func tokens(_ input: Int64, _ cached: Int64, _ output: Int64) -> TokenCounts {
        TokenCounts(uncachedInput: input - cached, cacheRead: cached, output: output, reasoning: 0)
    }

    @Test func `a total is charged once, as what it adds`() throws {
        let observations = try read(history).observations
        #expect(observations.map(\.tokens) == [tokens(4000, 1000, 300), tokens(5500, 3800, 150)])
        #expect(observations.allSatisfy { $0.session == Self.parent && $0.model == "gpt-5.2-codex" })
        // A total whose own event was lost is in the next.
        let gap = try read([Self.meta(Self.parent), history[2], Self.total((9600, 4800, 450), last: (100, 0, 0))])
        #expect(gap.observations.last?.tokens == tokens(5600, 3800, 150))
    }

    @Test func `records are exact and the totals beside them repeat them`() throws {
        let result = try read([
            Self.meta(Self.parent), Self.turn(),
            Self.record("resp_1", (950, 100, 40), thread: (950, 100, 40)),
            Self.total((950, 100, 40), last: (950, 100, 40)),
            Self.record("resp_2", (1200, 200, 50), thread: (2150, 300, 90)),
            // A compaction's answer has a record, and is missing in the totals.
            Self.record("resp_3", (700, 0, 70), thread: (2850, 300, 160)),
            Self.total((2150, 300, 90), last: (1200, 200, 50)), Self.total((2150, 300, 90), last: (0, 0, 0)),
            Self.line(9, "compacted", #"{"latest_token_usage_record":{"response_id":"resp_3"}}"#),
        ])
        #expect(
            result.observations.map(\.keys) == [["openai:resp:resp_1"], ["openai:resp:resp_2"], ["openai:resp:resp_3"]])
        #expect(Sums(result.observations).tokens.inputTokens == 2850)
    }

    @Test func `after a compaction, totals that fall are charged as their last answer`() throws {
        let result = try read([
            Self.meta(Self.parent), Self.turn(), Self.total((99_000, 0, 1000), last: (99_000, 0, 1000)),
            Self.total((198_000, 90_000, 2000), last: (99_000, 90_000, 1000)),
            Self.total((150_000, 80_000, 1500), last: (9500, 8000, 500)),
            // An estimate of the context.
            Self.total((150_000, 80_000, 1500), last: (0, 0, 0)), Self.total((258_400, 0, 0), last: (0, 0, 0)),
        ])
        #expect(result.observations.map(\.tokens?.output) == [1000, 1000, 500])
        #expect(result.observations.last?.tokens == tokens(9500, 8000, 500))
    }

    @Test func `threads that take turns in one file go on with their own totals`() throws {
        let result = try read([
            Self.meta(Self.parent), Self.total((1000, 0, 10), last: (1000, 0, 10)),
            Self.total((300, 0, 3), last: (300, 0, 3)), Self.total((1200, 0, 12), last: (200, 0, 2)),
            Self.total((450, 0, 5), last: (150, 0, 2)),
        ])
        #expect(result.observations.map(\.tokens?.output) == [10, 3, 2, 2])
    }

    @Test func `B21 and B22 a repeated last answer is one, and two answers of a turn are two`() throws {
        let last = (1000, 600, 50)
        let once = try read([Self.meta(Self.parent), Self.total(nil, last: last), Self.total(nil, last: last)])
        #expect(once.observations.map(\.tokens) == [tokens(1000, 600, 50)])
        let twice = try read([
            Self.meta(Self.parent), Self.total((100, 40, 5), last: (100, 40, 5)),
            Self.total((300, 120, 14), last: (200, 80, 9)),
        ])
        #expect(Sums(twice.observations).tokens == tokens(300, 120, 14))
    }
}

extension CodexRolloutTests {
    private static let fork = #","forked_from_id":"\#(parent)""#

    private func forked(_ id: String, _ own: [String]) -> [String] {
        // The copy has times of its own, the parent's first line too, and no more than the parent had then.
        [Self.meta(id, Self.fork)] + history + own
    }

    private var own: String { Self.total((15_500, 9800, 700), last: (6000, 5000, 250), at: 20) }

    @Test func `a fork's copy of its parent is not counted, and what follows is`() throws {
        let result = try read(forked(Self.child, [own]), named: Self.child, beside: [Self.parent: history])
        #expect(result.observations.map(\.tokens) == [tokens(6000, 5000, 250)])
        #expect(result.observations.map(\.session) == [Self.child])
        let longer = history + [Self.total((9900, 4900, 460), last: (400, 100, 10))]
        let after = try read(forked(Self.child, [own]), named: Self.child, beside: [Self.parent: longer])
        #expect(after.observations.map(\.tokens) == [tokens(6000, 5000, 250)], "the parent went on after the fork")
    }

    @Test func `forks of one parent that go on alike stay two`() throws {
        let files = [Self.parent: history]
        let first = try read(forked(Self.child, [own]), named: Self.child, beside: files).observations
        let second = try read(forked(Self.sibling, [own]), named: Self.sibling, beside: files).observations
        #expect(first.map(\.tokens) == second.map(\.tokens))
        #expect(Set(first.flatMap(\.keys)).isDisjoint(with: second.flatMap(\.keys)))
        #expect(Set(first.map(\.pairing)).isDisjoint(with: second.map(\.pairing)))
    }

    @Test func `without its parent a fork's usage is unknown, and said to be so once`() throws {
        let result = try read(forked(Self.child, [own]), named: Self.child)
        #expect(result.observations.map(\.tokens) == [TokenCounts()])
        #expect(result.observations.map(\.keys) == [["codex:step:\(Self.child)#unmetered"]])
    }

    @Test func `the age of turns tells a copy where they are named`() throws {
        // Identities begin with the time at which they were made.
        let old = Self.turn("01980000-1112-7000-8000-000000000000")
        let new = Self.turn("01980000-2223-7000-8000-000000000000", model: "gpt-5.4")
        let lines = [Self.meta(Self.child, Self.fork), Self.meta(Self.parent), old, history[2], history[4], new, own]
        let result = try read(lines, named: Self.child)
        #expect(result.observations.map(\.tokens) == [tokens(6000, 5000, 250)])
        #expect(result.observations.map(\.model) == ["gpt-5.4"])
    }

    @Test func `newer forks copy nothing`() throws {
        let base = Self.fork + #","history_mode":"paginated","history_base":{"thread_id":"\#(Self.parent)"}"#
        let result = try read([Self.meta(Self.child, base), Self.turn(), own], named: Self.child)
        #expect(result.observations.map(\.tokens) == [tokens(6000, 5000, 250)])
    }

    @Test func `a subagent is known by who started it`() throws {
        let source = """
            ,"cwd":"/home/dev/app","git":{"branch":"main","repository_url":"https://me:secret@git.example.com/a.git"},\
            "thread_source":"subagent","history_mode":"paginated","parent_thread_id":"\(Self.parent)",\
            "source":{"subagent":{"thread_spawn":{"parent_thread_id":"\(Self.parent)","agent_nickname":"Scout"}}}
            """
        let call = try #require(
            try read([Self.meta(Self.child, source), Self.turn(), own], named: Self.child).observations.first)
        #expect(call.attribution.caller == "subagent" && call.attribution.agentName == "Scout")
        #expect(call.attribution.agentID == Self.child && call.attribution.parentAgentID == Self.parent)
        #expect(call.attribution.project == "app" && call.attribution.branch == "main")
        #expect(call.attribution.repository == "https://git.example.com/a.git")
    }

    @Test func `lines in the middle of a file are read by the file's name`() throws {
        let result = try read([Self.record("resp_2", (1200, 200, 50), thread: (2150, 300, 90)), own, "{half"])
        #expect(result.observations.map(\.session) == [Self.parent, Self.parent])
        #expect(result.rejected == [.malformedLine: 1])
    }
}
