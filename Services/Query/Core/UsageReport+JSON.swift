import Metering
public import Wire

extension UsageReport {
    /// The report as JSON text.
    ///
    /// - Parameters:
    ///   - epoch: the ledger it was read from.
    ///   - sequence: the last change it takes in.
    public func json(epoch: String, sequence: Int64) -> [UInt8] {
        var json = JSONWriter(capacity: 1024 + rows.count * (request.detail == .full ? 768 : 384))
        json.object { json in
            json.member("v", 1)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.key("group_by")
            json.array { json in
                for group in request.groups { json.string(group.name) }
            }
            json.member("since", request.since?.description)
            json.member("until", request.until?.description)
            json.member("timezone", request.zone.name)
            json.member("cost", request.cost.rawValue)
            json.key("rows")
            json.array { json in
                for row in rows {
                    json.object { json in
                        for (group, label) in zip(request.groups, row.labels) {
                            json.key(dynamic: group.name)
                            json.string(label ?? noneLabel)
                        }
                        json.members(of: row.usage, cost: request.cost, request.detail)
                        if request.view == .inclusive { json.inclusiveView(of: row.usage.tokens) }
                    }
                }
            }
            json.key("totals")
            json.object { json in
                json.members(of: totals, cost: request.cost)
                if request.view == .inclusive { json.inclusiveView(of: totals.tokens) }
            }
            json.key("next_cursor")
            if let next { json.string(next.text) } else { json.null() }
        }
        return json.bytes
    }
}

extension JSONWriter {
    /// Writes sums into the object that is open; money is decimal text in US dollars, exact.
    public mutating func members(of usage: Usage, cost mode: CostMode, _ detail: UsageRequest.Detail = .full) {
        figures(of: usage, cost: mode)
        guard detail == .full else { return }
        member("input_tokens", usage.tokens.input)
        member("total_tokens", usage.tokens.total)
        member("computed_cost_usd", usage.computedCost.description)
        member("reported_cost_usd", usage.reportedCost.description)
        key("computed_cost_by_class_usd")
        object { json in
            json.member("uncached_input", AmountTotal(picodollars: usage.costParts.uncachedInput).description)
            json.member("cache_read", AmountTotal(picodollars: usage.costParts.cacheRead).description)
            json.member("cache_write", AmountTotal(picodollars: usage.costParts.cacheWrite).description)
            json.member("output", AmountTotal(picodollars: usage.costParts.output).description)
            json.member("fees", usage.fees.description)
        }
        member("unpriced", usage.unpriced)
        member("estimated", usage.estimated)
        key("reports")
        object { json in
            json.member("counted", usage.evidence.counted)
            json.member("duplicate", usage.evidence.duplicate)
            json.member("superseded", usage.evidence.superseded)
            json.member("conflicting", usage.evidence.conflicting)
        }
    }

    /// What every row tells.
    private mutating func figures(of usage: Usage, cost mode: CostMode) {
        member("calls", usage.calls)
        member("charges", usage.charges)
        key("tokens")
        object { json in
            json.member("uncached_input", usage.tokens.uncachedInput)
            json.member("cache_read", usage.tokens.cacheRead)
            json.member("cache_write_5m", usage.tokens.cacheWrite5m)
            json.member("cache_write_1h", usage.tokens.cacheWrite1h)
            json.member("cache_write", usage.tokens.cacheWrite)
            json.member("output", usage.tokens.output)
            json.member("reasoning", usage.tokens.reasoning)
        }
        member("cost_usd", usage.cost(mode).description)
        member("without_cost", usage.withoutCost(mode))
    }

    /// Writes tokens as routers of providers and older readers know them: input includes what a cache held.
    mutating func inclusiveView(of tokens: TokenSums) {
        key("inclusive")
        object { json in
            json.member("prompt_tokens", tokens.input)
            json.member("cached_tokens", tokens.cacheRead)
            json.member("cache_creation_input_tokens", tokens.allCacheWrites)
            json.member("completion_tokens", tokens.output)
            json.member("reasoning_tokens", tokens.reasoning)
            json.member("total_tokens", tokens.total)
        }
    }

    private mutating func member(_ name: StaticString, _ share: Usage.Share) {
        key(name)
        object { json in
            json.member("charges", share.charges)
            json.member("tokens", share.tokens)
        }
    }
}
