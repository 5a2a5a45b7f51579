public import Ledger
import Metering
import Wire

/// The usage of one conversation by model and by caller, in the form that DeerFlow's readers know.
///
/// Input includes cached tokens there. Calls of subagents and of the harness itself count like those of the lead agent.
public struct ThreadUsage: Sendable {
    /// The conversation.
    public let thread: String
    private var totals = Sums()
    private var models: [String: Sums] = [:]
    private var callers: [Caller: Sums] = [:]
    private var context: (time: Timestamp, model: String, input: Int64)?
    private var largestInputs: [String: Int64] = [:]

    /// Who called, in DeerFlow's words.
    public enum Caller: String, CaseIterable, Hashable, Sendable {
        /// The agent that the person talks to.
        case lead = "lead_agent"
        /// An agent that another agent started.
        case subagent
        /// The harness itself: titles, summaries and the like.
        case middleware

        /// Takes a role as readers give it; none is the lead's.
        public init(role: String?) {
            guard let role, role != "lead", role != "lead_agent" else {
                self = .lead
                return
            }
            self = role == "subagent" || role.hasPrefix("subagent:") ? .subagent : .middleware
        }
    }

    private struct Sums {
        var usage = Usage()
        /// Runs are traces; calls without one count as one run together.
        var runs: Set<String> = []

        mutating func add(_ usage: Usage, run: String) {
            self.usage += usage
            runs.insert(run)
        }
    }

    /// Starts with nothing.
    public init(thread: String) {
        self.thread = thread
    }

    /// Adds up the charges of a conversation.
    ///
    /// - Parameter rule: how the conversation's costs make up its `auto` cost.
    public init(thread: String, charges: [(charge: Charge, rule: ScopeCostRule)]) {
        self.init(thread: thread)
        for (charge, rule) in charges { add(charge, rule) }
    }

    /// Adds a charge of the conversation.
    ///
    /// - Parameter rule: how the conversation's costs make up its `auto` cost.
    public mutating func add(_ charge: Charge, _ rule: ScopeCostRule) {
        let call = charge.call
        add(
            ChargeFacts(charge), rule, model: call.model, caller: call.attribution.caller, run: call.trace?.traceID,
            at: call.eventTime)
    }

    /// Adds a charge of which the figures are kept and the trace is not: it counts to the run of those without.
    public mutating func add(_ record: ChargeRecord) {
        add(
            record.facts, record.rule, model: record.dimensions[.model], caller: record.dimensions[.caller], run: nil,
            at: record.eventTime)
    }

    private mutating func add(
        _ facts: ChargeFacts, _ rule: ScopeCostRule, model: String?, caller role: String?, run trace: String?,
        at time: Timestamp
    ) {
        guard facts.marks.contains(.counted), facts.tokens.hasUsage || facts.reportedCost != nil else { return }
        let usage = facts.usage(rule)
        let run = trace ?? ""
        let caller = Caller(role: role)
        totals.add(usage, run: run)
        models[model ?? "unknown", default: Sums()].add(usage, run: run)
        callers[caller, default: Sums()].add(usage, run: run)
        // How full the context is tells the lead agent's newest call alone.
        guard caller == .lead, facts.marks.contains(.call), usage.tokens.input > 0 else { return }
        let name = model ?? "unknown"
        largestInputs[name] = max(largestInputs[name] ?? 0, usage.tokens.input)
        guard context.map({ $0.time <= time }) ?? true else { return }
        context = (time, name, usage.tokens.input)
    }

    private var contextUse: (tokens: Int64, window: Int64?)? {
        context.map { context in
            let window = ContextWindow.tokens(of: context.model, holding: largestInputs[context.model] ?? context.input)
            return (context.input, window)
        }
    }

    /// The usage as JSON text; members that DeerFlow does not have follow its own.
    public func json(cost mode: CostMode) -> [UInt8] {
        var json = JSONWriter(capacity: 2048)
        json.object { json in
            json.member("thread_id", thread)
            json.member("total_tokens", totals.usage.tokens.total)
            json.member("total_input_tokens", totals.usage.tokens.input)
            json.member("total_output_tokens", totals.usage.tokens.output)
            json.member("total_runs", Int64(totals.runs.count))
            json.key("by_model")
            json.object { json in
                for (model, sums) in models.sorted(by: { $0.key < $1.key }) {
                    json.key(dynamic: model)
                    json.object { $0.members(of: sums.usage, runs: sums.runs.count, mode) }
                }
            }
            json.key("by_caller")
            json.object { json in
                for caller in Caller.allCases {
                    json.key(dynamic: caller.rawValue)
                    json.integer(callers[caller]?.usage.tokens.total ?? 0)
                }
            }
            json.key("context_usage")
            json.contextUsage(contextUse)
            json.member("llm_call_count", totals.usage.calls)
            json.key("llm_calls_by_caller")
            json.object { json in
                for caller in Caller.allCases {
                    json.key(dynamic: caller.rawValue)
                    json.integer(callers[caller]?.usage.calls ?? 0)
                }
            }
            json.member("cost", mode.rawValue)
            json.key("totals")
            json.object { $0.members(of: totals.usage, cost: mode) }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func members(of usage: Usage, runs: Int, _ mode: CostMode) {
        member("tokens", usage.tokens.total)
        member("runs", Int64(runs))
        member("calls", usage.calls)
        member("input_tokens", usage.tokens.input)
        member("output_tokens", usage.tokens.output)
        if usage.tokens.cacheRead > 0 { member("cache_read_tokens", usage.tokens.cacheRead) }
        let isKnown = usage.withoutCost(mode).charges < usage.charges
        key("cost_usd")
        if isKnown { string(usage.cost(mode).description) } else { null() }
        member("cost_is_complete", usage.withoutCost(mode).charges == 0)
    }

    fileprivate mutating func contextUsage(_ use: (tokens: Int64, window: Int64?)?) {
        guard let use else { return null() }
        object { json in
            json.member("token_count", use.tokens)
            json.key("max_context_tokens")
            if let window = use.window { json.integer(window) } else { json.null() }
            json.key("percentage")
            guard let window = use.window else { return json.null() }
            let tenths = (use.tokens * 1000 + window / 2) / window
            json.raw("\(tenths / 10).\(tenths % 10)".utf8)
        }
    }
}
