import Metering

/// Policy `fill`: what the aggregates of a session say beyond its calls is booked as one call of the session.
///
/// It is one call for the session, and not one for each run of points: which calls fall into a run could only be told by
/// nearness in time. So it is never more than what is missing, and less where one run lacks what another has too much.
extension Reconciler {
    /// The revision of a scope's estimate; `nil` where consumers know it.
    mutating func fill(_ scope: ScopeRecord) throws(State.Failure) -> Call? {
        guard scope.scope.isSessionKnown else { return nil }
        let bucket = Bucket(estimateOf: scope.scope)
        let known = try state.record(of: bucket)
        // An estimate of another policy is taken back.
        guard policy == .fill || known?.isPublished ?? false else { return nil }
        let sums = try sums(of: scope)
        let estimate = policy == .fill ? Estimate(of: scope, beyond: sums) : nil
        guard known != nil || estimate != nil else { return nil }
        var record = known ?? AggregateRecord(bucket: bucket)
        let reason: Call.Reason = known == nil ? .first : .update
        let call = try publish(&record, reason: reason) { published, reason in
            estimate.map { $0.call(as: published, reason: reason) }
                ?? Call(
                    retracting: published, reason: .superseded, scope: scope.scope,
                    eventTime: sums.latest ?? bucket.start,
                    quality: .estimated)
        }
        try state.keep(record)
        return call
    }

    /// What calls that arrived leave of the estimates that consumers count, at once.
    mutating func shrink(_ scopes: Set<Scope>) throws(State.Failure) -> [Call] {
        var calls: [Call] = []
        for scope in scopes where scope.isSessionKnown {
            guard try state.record(of: Bucket(estimateOf: scope))?.isPublished ?? false else { continue }
            if let call = try fill(try state.record(of: scope)) { calls.append(call) }
        }
        return calls.sorted { $0.number < $1.number }
    }
}

/// What aggregates say beyond the calls of a scope.
private struct Estimate {
    let scope: Scope
    let sums: AggregateSums
    var tokens = TokenCounts()
    var cost: Amount?
    /// What the calls have of what the aggregates say.
    var covered = TokenCounts()

    /// Finds what is missing of the fields that calls report; `nil` where nothing is.
    init?(of record: ScopeRecord, beyond sums: AggregateSums) {
        scope = record.scope
        self.sums = sums
        for field in Field.allCases where record.owned.contains(field) {
            guard let total = sums.total(field) else { continue }
            let calls = record.books.counted(field)
            set(field, Int64(clamping: max(0, total - calls)), covered: Int64(clamping: min(total, calls)))
        }
        if let reasoning = tokens.reasoning { tokens.reasoning = min(reasoning, tokens.output ?? 0) }
        guard tokens.hasUsage || (cost ?? .zero) != .zero else { return nil }
    }

    private mutating func set(_ field: Field, _ missing: Int64, covered known: Int64) {
        switch field {
        case .uncachedInput: (tokens.uncachedInput, covered.uncachedInput) = (missing, known)
        case .cacheRead: (tokens.cacheRead, covered.cacheRead) = (missing, known)
        case .cacheWrite: (tokens.cacheWrite, covered.cacheWrite) = (missing, known)
        case .output: (tokens.output, covered.output) = (missing, known)
        case .reasoning: (tokens.reasoning, covered.reasoning) = (missing, known)
        case .cost: cost = Amount(picodollars: missing)
        }
    }

    func call(as published: Published, reason: Call.Reason) -> Call {
        let time = sums.latest ?? Timestamp(seconds: 0)
        var call = Call(
            number: published.number, key: published.key, revision: published.revision, reason: reason, scope: scope,
            eventTime: time, tokens: tokens, quality: .estimated)
        call.reportedCost = cost
        call.attribution = sums.details?.attribution ?? Attribution()
        if sums.models.count == 1 {
            // Of several models nothing tells whose calls are missing.
            call.provider = sums.details?.provider
            call.model = sums.details?.model
            call.reportedModel = sums.details?.reportedModel
        }
        call.evidence.items = [item(tokens, cost, .counted, .residualFill)]
        if covered.hasUsage { call.evidence.items.append(item(covered, nil, .superseded, .fieldOwnership)) }
        return call
    }

    private func item(_ tokens: TokenCounts, _ cost: Amount?, _ verdict: Evidence.Verdict, _ rule: Rule)
        -> Evidence.Item
    {
        Evidence.Item(
            observation: Bucket(estimateOf: scope).group, channel: sums.channel ?? .metric,
            eventTime: sums.latest ?? Timestamp(seconds: 0), tokens: tokens, cost: cost, verdict: verdict,
            rule: rule.rawValue)
    }
}
