import Metering

extension AggregateRecord {
    /// What the counters say, in disjoint classes: what one class includes of another is taken out of it.
    var seen: (tokens: TokenCounts, cost: Amount?) {
        var sums: [TokenClass: Int128] = [:]
        var reported: Set<TokenClass> = []
        var cost: Int128?
        for part in parts {
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

    /// Rule `field-ownership`: what is left for the aggregate when single calls of its scope report some fields.
    func remainder(owned: FieldSet) -> (tokens: TokenCounts, cost: Amount?) {
        var (tokens, cost) = seen
        for tokenClass in TokenClass.allCases where owned.contains(Field(tokenClass)) { tokens[tokenClass] = nil }
        if owned.contains(.cost) { cost = nil }
        return (tokens, cost)
    }

    /// The aggregate's call, or nothing where no usage is left; its revision is what ``published`` is to become.
    func call(owned: FieldSet, as published: Published, reason: Call.Reason) -> Call? {
        let (tokens, cost) = remainder(owned: owned)
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
        call.evidence = evidence(owned: owned)
        return call
    }

    /// The latest end of a point: when the aggregate's last call had happened.
    var latest: Timestamp { parts.map(\.latest).max() ?? Timestamp(seconds: bucket.hour * 3600) }

    private func evidence(owned: FieldSet) -> Evidence {
        var evidence = Evidence()
        for part in parts {
            let isOwned = owned.contains(part.field)
            let verdict: Evidence.Verdict = isOwned ? .superseded : .counted
            if evidence.items.count < Evidence.maximumItems {
                let counting: Rule = part.series.temporality == .delta ? .deltaUnique : .cumulativeMaximum
                evidence.items.append(item(for: part, verdict, isOwned ? .fieldOwnership : counting))
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
