import Metering

extension AggregateRecord {
    /// What the counters of one family say, in disjoint classes: what one class includes of another is taken out of it.
    func seen(of family: ChannelRank) -> (tokens: TokenCounts, cost: Amount?) {
        var sums: [TokenClass: Int128] = [:]
        var reported: Set<TokenClass> = []
        var cost: Int128?
        for part in parts where part.series.family == family {
            switch part.series.measure {
            case .tokens(let tokenClass, let within):
                reported.insert(tokenClass)
                sums[tokenClass, default: 0] += part.sum
                if let within { sums[within, default: 0] -= part.sum }
            case .cost: cost = (cost ?? 0) + part.sum
            }
        }
        var tokens = TokenCounts()
        for tokenClass in reported { tokens[tokenClass] = Int64(clamping: max(0, sums[tokenClass] ?? 0)) }
        return (tokens, cost.map { Amount(picodollars: Int64(clamping: $0)) })
    }

    /// The families with counters here, believed first first.
    var families: [ChannelRank] { Set(parts.map(\.series.family)).sorted() }

    /// What is left for the aggregate of what single calls and other families report.
    func remainder(_ claims: AggregateClaims) -> (tokens: TokenCounts, cost: Amount?) {
        var tokens = TokenCounts()
        var cost: Amount?
        for family in families {
            let said = seen(of: family)
            for tokenClass in TokenClass.allCases where tokens[tokenClass] == nil {
                guard claims.refusal(of: Field(tokenClass), of: family) == nil else { continue }
                tokens[tokenClass] = said.tokens[tokenClass]
            }
            if cost == nil, claims.refusal(of: .cost, of: family) == nil { cost = said.cost }
        }
        return (tokens, cost)
    }

    /// The aggregate's call, or nothing where no usage is left; its revision is what ``published`` is to become.
    func call(_ claims: AggregateClaims, as published: Published, reason: Call.Reason) -> Call? {
        let (tokens, cost) = remainder(claims)
        guard tokens.hasUsage || (cost ?? .zero) != .zero else { return nil }
        var call = Call(
            number: published.number, key: published.key, revision: published.revision, reason: reason,
            scope: bucket.scope, eventTime: latest, tokens: tokens, quality: .aggregate)
        call.reportedCost = cost
        call.provider = details?.provider
        call.model = details?.model
        call.reportedModel = details?.reportedModel
        call.serviceTier = details?.serviceTier
        call.speed = details?.speed
        call.inferenceGeo = details?.inferenceGeo
        call.attribution = details?.attribution ?? Attribution()
        call.evidence = evidence(claims)
        return call
    }

    /// The latest end of a point: when the aggregate's last call had happened.
    var latest: Timestamp { parts.map(\.latest).max() ?? Timestamp(seconds: bucket.hour * 3600) }

    private func evidence(_ claims: AggregateClaims) -> Evidence {
        var evidence = Evidence()
        for part in parts {
            let refusal = claims.refusal(of: part.field, of: part.series.family)
            let verdict: Evidence.Verdict = refusal == nil ? .counted : .superseded
            if evidence.items.count < Evidence.maximumItems {
                evidence.items.append(item(for: part, verdict, refusal ?? part.counting))
            } else {
                evidence.omitted[verdict, default: 0] += 1
            }
            if part.conflicts > 0 { evidence.omitted[.conflicting, default: 0] += part.conflicts }
        }
        return evidence
    }

    private func item(for part: Part, _ verdict: Evidence.Verdict, _ rule: Rule) -> Evidence.Item {
        var tokens = TokenCounts()
        var cost: Amount?
        switch part.series.measure {
        case .tokens(let tokenClass, _): tokens[tokenClass] = Int64(clamping: part.sum)
        case .cost: cost = Amount(picodollars: Int64(clamping: part.sum))
        }
        return Evidence.Item(
            observation: part.series.series, channel: part.series.channel, eventTime: part.latest, tokens: tokens,
            cost: cost,
            verdict: verdict, rule: rule.rawValue)
    }
}

extension AggregateRecord.Part {
    /// The rule by which its points add up.
    fileprivate var counting: Rule {
        switch baseline {
        case .found: .baseline
        case .missing: .baselineMissing
        case nil: CounterRule.rule(of: series.temporality)
        }
    }
}
