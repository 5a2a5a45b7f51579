public import Ledger
import Metering
import Wire

extension TokenReport {
    /// The report as JSON text; empty groups are left out, as Beacon leaves them out, and how far costs are known is added.
    ///
    /// - Parameter session: the charges of the session asked for, which add its steps.
    public func json(session: (id: String, charges: [Charge])? = nil) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.key("totals")
            json.value(totals)
            json.groups("by_model", ranked(models))
            json.groups("by_session", ranked(sessions))
            json.groups("by_harness", ranked(harnesses))
            json.groups("by_repository", ranked(repositories))
            json.groups("by_run", ranked(runs))
            json.member(utilization)
            if !series.isEmpty {
                json.key("series")
                json.array { json in
                    for (start, sums) in series.sorted(by: { $0.key < $1.key }) {
                        json.object { json in
                            json.member("start", Timestamp(seconds: start))
                            json.key("usage")
                            json.value(sums)
                        }
                    }
                }
            }
            if let session {
                json.key("session_detail")
                json.sessionDetail(session.id, totals, SessionStep.trees(of: session.charges), request.cost)
            }
            json.member("events_with_usage", totals.events)
            json.member("total_events", totalEvents)
            // Not Beacon's: its form has a zero where a cost is not known.
            json.key("coverage")
            json.object { json in
                json.member("cost", request.cost.rawValue)
                json.member("events_without_cost", totals.withoutCost.charges)
                json.member("tokens_without_cost", totals.withoutCost.tokens)
            }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ sums: TokenReport.Sums) {
        object { json in
            json.member("input_tokens", sums.tokens.uncachedInput)
            json.member("output_tokens", sums.tokens.output)
            json.member("cache_read_input_tokens", sums.tokens.cacheRead)
            json.member("cache_creation_input_tokens", sums.tokens.allCacheWrites)
            json.member("reasoning_output_tokens", sums.tokens.reasoning)
            json.key("cost_usd")
            // Beacon's shape has a number here; its digits are the exact ones.
            json.raw(sums.cost.description.utf8)
            json.member("events", sums.events)
        }
    }

    fileprivate mutating func groups(_ name: StaticString, _ groups: [(key: String, sums: TokenReport.Sums)]) {
        guard !groups.isEmpty else { return }
        key(name)
        array { json in
            for group in groups {
                json.object { json in
                    json.member("key", group.key)
                    json.key("usage")
                    json.value(group.sums)
                }
            }
        }
    }

    fileprivate mutating func member(_ uses: [ContextUse]) {
        guard !uses.isEmpty else { return }
        key("utilization")
        array { json in
            for use in uses {
                json.object { json in
                    json.member("model", use.model)
                    json.member("context_window", use.window)
                    json.member("calls", Int64(use.calls))
                    json.member("max_input_tokens", use.maximumInput)
                    json.ratio("max_ratio", use.maximumRatio)
                    json.ratio("p95_ratio", use.ratio95)
                    json.member("near_limit_calls", Int64(use.nearLimitCalls))
                }
            }
        }
    }

    private mutating func ratio(_ name: StaticString, _ value: Double?) {
        guard let value else { return }
        key(name)
        raw("\(value)".utf8)
    }

    fileprivate mutating func sessionDetail(
        _ id: String, _ sums: TokenReport.Sums, _ steps: [SessionStep], _ cost: CostMode
    ) {
        object { json in
            json.member("session_id", id)
            json.key("usage")
            json.value(sums)
            json.steps("steps", steps, cost)
        }
    }

    private mutating func steps(_ name: StaticString, _ steps: [SessionStep], _ cost: CostMode) {
        guard !steps.isEmpty else { return }
        key(name)
        array { json in
            for step in steps {
                json.object { json in
                    switch step.kind {
                    case .call(let charge): json.members(of: charge, cost)
                    case .agent(let agent): json.members(of: agent)
                    }
                    json.steps("children", step.children, cost)
                }
            }
        }
    }

    private mutating func members(of charge: Charge, _ cost: CostMode) {
        let call = charge.call
        member("timestamp", call.eventTime)
        member("action", call.quality == .aggregate ? "model.usage" : "model.call")
        member("name", call.attribution.agentName ?? call.attribution.caller)
        member("model", call.model)
        member("trace_id", call.trace?.traceID)
        member("span_id", call.trace?.spanID)
        member("parent_span_id", call.trace?.parentSpanID)
        key("usage")
        value(TokenReport.Sums(charge, cost))
    }

    private mutating func members(of agent: SessionStep.Agent) {
        member("timestamp", agent.first.call.eventTime)
        member("action", "agent.run")
        member("name", agent.name ?? "subagent")
        member("trace_id", agent.first.call.trace?.traceID)
        key("usage")
        value(TokenReport.Sums())
    }
}

extension TokenReport.Sums {
    fileprivate init(_ charge: Charge, _ mode: CostMode) {
        let usage = ChargeFacts(charge).usage(.perCharge)
        self.init()
        tokens = usage.tokens
        cost = usage.cost(mode)
        events = charge.call.tokens.hasUsage || cost != .zero ? 1 : 0
    }
}
