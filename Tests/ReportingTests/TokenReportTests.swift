import Ledger
import Metering
import Reporting
import Testing

/// Cases of Beacon's own tests (`cli/beacon/internal/tokens/tokens_test.go` and `contextwindow_test.go`).
@Suite struct `The report in Beacon's form` {
    private func report(_ charges: [Charge], _ query: String = "") throws -> TokenReport {
        var report = TokenReport(try TokenReportRequest(Samples.parameters(query)))
        for charge in charges { report.add(Samples.record(charge)) }
        return report
    }

    private func text(_ charges: [Charge], _ query: String = "") throws -> String {
        String(decoding: try report(charges, query).json(), as: UTF8.self)
    }

    private func groupsAndSeries() throws -> [Charge] {
        var first = try Samples.charge(1, tokens: TokenCounts(uncachedInput: 100))
        first.call.attribution.repository = "github.com/acme/app"
        return [
            first,
            try Samples.charge(2, tokens: TokenCounts(output: 40)),
            try Samples.charge(
                3, harness: "asymptote-observe", session: "s2", model: "gpt-4o-mini", at: "2026-06-11T11:00:00Z",
                tokens: TokenCounts(uncachedInput: 60, output: 20, reasoning: 5)),
            try Samples.charge(4, at: "2026-06-11T11:30:00Z", reported: "0.25"),
            try Samples.charge(5, session: "s3", model: nil, at: "2026-06-11T11:45:00Z", quality: .unmetered),
        ]
    }

    @Test func `sums events into groups and a series (B12)`() throws {
        let golden = """
            {"totals":{"input_tokens":160,"output_tokens":60,"cache_read_input_tokens":0,"cache_creation_input_tokens":0,\
            "reasoning_output_tokens":5,"cost_usd":0.25,"events":4},\
            "by_model":[{"key":"claude-sonnet-4-5","usage":{"input_tokens":100,"output_tokens":40,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0.25,\
            "events":3}},{"key":"gpt-4o-mini","usage":{"input_tokens":60,"output_tokens":20,"cache_read_input_tokens":0,\
            "cache_creation_input_tokens":0,"reasoning_output_tokens":5,"cost_usd":0,"events":1}}],\
            "by_session":[{"key":"s1","usage":{"input_tokens":100,"output_tokens":40,"cache_read_input_tokens":0,\
            "cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0.25,"events":3}},\
            {"key":"s2","usage":{"input_tokens":60,"output_tokens":20,"cache_read_input_tokens":0,\
            "cache_creation_input_tokens":0,"reasoning_output_tokens":5,"cost_usd":0,"events":1}}],\
            "by_harness":[{"key":"claude-code","usage":{"input_tokens":100,"output_tokens":40,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0.25,\
            "events":3}},{"key":"asymptote-observe","usage":{"input_tokens":60,"output_tokens":20,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":5,"cost_usd":0,\
            "events":1}}],\
            "by_repository":[{"key":"github.com/acme/app","usage":{"input_tokens":100,"output_tokens":0,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0,\
            "events":1}}],\
            "utilization":[{"model":"claude-sonnet-4-5","context_window":200000,"calls":1,"max_input_tokens":100,\
            "max_ratio":0.0005,"p95_ratio":0.0005,"near_limit_calls":0},{"model":"gpt-4o-mini","context_window":128000,\
            "calls":1,"max_input_tokens":60,"max_ratio":0.00046875,"p95_ratio":0.00046875,"near_limit_calls":0}],\
            "series":[{"start":"2026-06-11T10:00:00Z","usage":{"input_tokens":100,"output_tokens":40,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0,\
            "events":2}},{"start":"2026-06-11T11:00:00Z","usage":{"input_tokens":60,"output_tokens":20,\
            "cache_read_input_tokens":0,"cache_creation_input_tokens":0,"reasoning_output_tokens":5,"cost_usd":0.25,\
            "events":2}}],\
            "events_with_usage":4,"total_events":5,\
            "coverage":{"cost":"reported","events_without_cost":3,"tokens_without_cost":220}}
            """
        #expect(try text(groupsAndSeries(), "bucket=1h") == golden)
    }

    @Test func `groups by CI run, with or without a provider (B13, B15)`() throws {
        let runs = [
            ("github_actions/12345", 10), ("github_actions/12345", 4), ("run-abc", 7), ("github_actions/888", 50),
        ]
        let charges = try runs.enumerated().map { index, run in
            var charge = try Samples.charge(Int64(index + 1), tokens: TokenCounts(uncachedInput: Int64(run.1)))
            charge.call.attribution.ciRun = run.0
            return charge
        }
        let all = try text(charges)
        #expect(all.contains(#"{"key":"github_actions/12345","usage":{"input_tokens":14,"#))
        #expect(all.contains(#"{"key":"run-abc","usage":{"input_tokens":7,"#))
        #expect(try report(charges, "run=888").totals.tokens.uncachedInput == 50)
        #expect(try report(charges, "run=github_actions/888").totals.tokens.uncachedInput == 50)
    }

    @Test(arguments: [("session-1", Int64(100)), ("session-abc", 123), ("SESSION-10", 999), ("session", 0)])
    func `takes a session whole, upper and lower case alike (B14)`(session: String, tokens: Int64) throws {
        let charges = try [("session-1", 100), ("session-10", 999), ("Session-ABC", 123)].map { name, count in
            try Samples.charge(session: name, tokens: TokenCounts(uncachedInput: Int64(count)))
        }
        #expect(try report(charges, "session=\(session)").totals.tokens.uncachedInput == tokens)
    }

    @Test func `hangs calls below the spans that made them (B16)`() throws {
        let spans: [(span: String, parent: String?, input: Int64)] = [
            ("root", nil, 100), ("child-a", "root", 30), ("child-b", "root", 20), ("grandchild", "child-a", 10),
        ]
        var charges = try spans.enumerated().map { index, span in
            var charge = try Samples.charge(Int64(index + 1), tokens: TokenCounts(uncachedInput: span.input))
            charge.call.trace = TraceContext(traceID: "t", spanID: span.span, parentSpanID: span.parent)
            return charge
        }
        charges.append(try Samples.charge(9, tokens: TokenCounts(output: 7)))
        let trees = SessionStep.trees(of: charges)
        func name(_ step: SessionStep) -> String {
            guard case .call(let charge) = step.kind else { return "agent" }
            return charge.call.trace?.spanID ?? "flat"
        }
        func shape(_ step: SessionStep) -> String {
            let children = step.children.map(shape)
            return name(step)
                + (children.isEmpty ? "" : "(\(children.joined(separator: ",")))")
        }
        #expect(trees.map(shape) == ["root(child-a(grandchild),child-b)", "flat"])
        let sums = try report(charges, "session=s1").totals.tokens
        #expect((sums.uncachedInput, sums.output) == (160, 7))
    }

    @Test func `lays what is nested beyond all measure side by side`() throws {
        let charges = try (1...20_000).map { number in
            var charge = try Samples.charge(Int64(number), tokens: TokenCounts(output: 1))
            charge.call.trace = TraceContext(traceID: "t", spanID: "\(number)", parentSpanID: "\(number - 1)")
            return charge
        }
        var level = SessionStep.trees(of: charges)
        var (depth, count) = (0, 0)
        while !level.isEmpty {
            depth += 1
            count += level.count
            level = level.flatMap(\.children)
        }
        #expect(depth == SessionStep.maximumDepth + 1 && count == charges.count)
    }

    @Test func `loses no step of a ring of parents`() throws {
        let charges = try [("a", "b"), ("b", "a"), ("c", "c")].enumerated().map { index, pair in
            var charge = try Samples.charge(Int64(index + 1), tokens: TokenCounts(output: 1))
            charge.call.trace = TraceContext(traceID: "t", spanID: pair.0, parentSpanID: pair.1)
            return charge
        }
        func count(_ step: SessionStep) -> Int { 1 + step.children.reduce(0) { $0 + count($1) } }
        #expect(SessionStep.trees(of: charges).reduce(0) { $0 + count($1) } == 3)
    }

    /// As Claude Code's spans are: a subagent's calls are children of the tool that started it, which uses no tokens.
    @Test func `hangs a subagent's calls below its agent where the span that started it is not known`() throws {
        let calls: [(caller: String?, name: String?, id: String?, parent: String?, span: String?)] = [
            ("lead", nil, nil, nil, "turn"), ("subagent", "Explore", "a1", nil, "tool-1"), ("lead", nil, nil, nil, nil),
            ("subagent", "Explore", "a1", nil, "tool-1"), ("subagent", "Plan", "a2", "a1", nil),
            ("subagent:research", nil, nil, nil, "tool-2"), ("subagent", nil, nil, nil, "tool-2"),
            ("subagent", nil, nil, nil, nil), ("title", nil, nil, nil, nil), (nil, nil, nil, nil, nil),
        ]
        let charges = try calls.enumerated().map { index, made in
            var charge = try Samples.charge(
                Int64(index + 1), at: "2026-06-11T10:00:0\(index)Z", tokens: TokenCounts(output: 1))
            charge.call.attribution.caller = made.caller
            charge.call.attribution.agentName = made.name
            charge.call.attribution.agentID = made.id
            charge.call.attribution.parentAgentID = made.parent
            charge.call.trace = made.span.map {
                TraceContext(traceID: "t", spanID: "s\(index + 1)", parentSpanID: $0)
            }
            return charge
        }
        func shape(_ step: SessionStep) -> String {
            let children = step.children.map(shape).joined(separator: ",")
            switch step.kind {
            case .call(let charge): return "\(charge.call.number)" + (children.isEmpty ? "" : "(\(children))")
            case .agent(let agent): return "\(agent.name ?? "?")(\(children))"
            }
        }
        let shapes = SessionStep.trees(of: charges.shuffled()).map(shape)
        #expect(shapes == ["1", "Explore(2,4,Plan(5))", "3", "?(6,7)", "?(8)", "9", "10"])
        let report = try report(charges, "session=s1")
        let text = String(decoding: report.json(session: ("s1", charges)), as: UTF8.self)
        #expect(
            text.contains(
                #"{"timestamp":"2026-06-11T10:00:01Z","action":"agent.run","name":"Explore","trace_id":"t","usage":"#
                    + #"{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"#
                    + #""cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0,"events":0},"#
                    + #""children":[{"timestamp":"2026-06-11T10:00:01Z","action":"model.call","name":"Explore","#))
    }

    @Test func `loses no agent of a ring of agents`() throws {
        let charges = try [("a", "b"), ("b", "a"), ("c", "c")].enumerated().map { index, pair in
            var charge = try Samples.charge(Int64(index + 1), tokens: TokenCounts(output: 1))
            charge.call.attribution.caller = "subagent"
            (charge.call.attribution.agentID, charge.call.attribution.parentAgentID) = pair
            return charge
        }
        func count(_ step: SessionStep) -> Int { 1 + step.children.reduce(0) { $0 + count($1) } }
        #expect(SessionStep.trees(of: charges).reduce(0) { $0 + count($1) } == 6)
    }

    @Test(arguments: [
        ("claude-opus-4-6", Int64(199_999), Int64?(200_000)), ("claude-opus-4-6", 200_001, 1_000_000),
        ("anthropic/claude-sonnet-4-5", 900_000, 1_000_000), ("claude-opus-4-6", 1_000_001, nil),
        ("gpt-4o", 128_001, nil), ("mystery", 5, nil),
    ])
    func `rates a context by the larger window where a call would not fit the usual one`(
        model: String, input: Int64, window: Int64?
    ) throws {
        let charges = try [10, input].enumerated().map { index, input in
            var charge = try Samples.charge(
                Int64(index + 1), model: model, at: "2026-06-11T10:00:0\(1 - index)Z",
                tokens: TokenCounts(uncachedInput: 1, cacheRead: input - 1))
            charge.call.attribution.caller = "lead"
            return charge
        }
        let use = try #require(try report(charges).utilization.first)
        #expect(use.window == window)
        #expect(use.maximumRatio.map { $0 <= 1 } ?? true)
        // The newest call is the small one: its conversation is known to run in the larger window all the same.
        let thread = ThreadUsage(thread: "s1", charges: charges.map { (charge: $0, rule: .perCharge) })
        let text = String(decoding: thread.json(cost: .auto), as: UTF8.self)
        let size = window.map { "\($0)" } ?? "null"
        #expect(text.contains(#""context_usage":{"token_count":10,"max_context_tokens":\#(size),"#), "\(text)")
    }

    @Test func `shows how full contexts were, unknown models without a ratio (B17)`() throws {
        let charges = [
            try Samples.charge(
                1, tokens: TokenCounts(uncachedInput: 1000, cacheRead: 179_000, cacheWrite1h: 4000, cacheWrite: 1000)),
            try Samples.charge(2, model: "mystery", tokens: TokenCounts(uncachedInput: 123)),
        ]
        let text = try text(charges)
        #expect(
            text.contains(
                #"{"model":"claude-sonnet-4-5","context_window":200000,"calls":1,"max_input_tokens":185000,"#
                    + #""max_ratio":0.925,"p95_ratio":0.925,"near_limit_calls":1}"#))
        #expect(text.contains(#"{"model":"mystery","calls":1,"max_input_tokens":123,"near_limit_calls":0}"#))
        #expect(text.contains(#""cache_creation_input_tokens":5000"#))
    }

    @Test(arguments: [
        ("anthropic/claude-3-5-sonnet-20241022", Int64(200_000)), ("gpt-4o-mini", 128_000), ("gpt-4.1-mini", 1_047_576),
        ("gpt-4", 8192), ("gpt-5-mini", 400_000), ("o1-preview", 200_000), ("gemini-1.5-pro-002", 2_097_152),
    ])
    func `knows a context window by the longest beginning of the name (B36)`(model: String, window: Int64) throws {
        let charge = try Samples.charge(model: model, tokens: TokenCounts(uncachedInput: 1))
        #expect(try report([charge]).utilization.first?.window == window)
    }

    @Test func `keeps the largest groups and says nothing of empty ones`() throws {
        let charges = try ["a", "b", "c"].enumerated().map { index, model in
            try Samples.charge(Int64(index + 1), model: model, tokens: TokenCounts(output: Int64(index + 1)))
        }
        let text = try text(charges, "top=2")
        #expect(text.contains(#""by_model":[{"key":"c""#))
        #expect(!text.contains(#""key":"a""#))
        #expect(!text.contains("by_run"))
        #expect(
            try self.text([]) == #"{"totals":{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"#
                + #""cache_creation_input_tokens":0,"reasoning_output_tokens":0,"cost_usd":0,"events":0},"#
                + #""events_with_usage":0,"total_events":0,"#
                + #""coverage":{"cost":"reported","events_without_cost":0,"tokens_without_cost":0}}"#)
    }

    @Test func `filters as Beacon does: parts of names, its own spelling of harnesses, an inclusive end`() throws {
        let charges = try groupsAndSeries()
        #expect(try report(charges, "model=SONNET").totals.events == 3)
        #expect(try report(charges, "repository=ACME/app").totals.events == 1)
        #expect(try report(charges, "harness=asymptote_observe").totals.events == 1)
        #expect(try report(charges, "until=2026-06-11T11:30:00Z").totals.events == 4)
        #expect(try report(charges, "until=2026-06-11T11:29:59Z").totals.events == 3)
    }

    @Test(arguments: ["1x", "h", "-1h", "1.5h", "99999999999999999999h", "0s"])
    func `refuses buckets that are no durations`(bucket: String) {
        let error = #expect(throws: RequestError.self) {
            try TokenReportRequest(Samples.parameters("bucket=\(bucket)"))
        }
        #expect(error?.parameter == "bucket")
    }
}
