import Metering

extension CallRecord {
    /// The call as its reports have it: each figure from the channel that is believed first of those that report it.
    var figures: Figures {
        var result = channels.dropFirst().reduce(channels[0].figures) { $0.filled(from: $1.figures) }
        if let writes = result.cacheWrites, let split = split(completing: writes) { result.cacheWrites = split }
        return result
    }

    /// Rule `cache-lifetime-split`: where the believed channel gives a total alone, a report that divides exactly this
    /// total into lifetimes is used, never both.
    private func split(completing writes: CacheWrites) -> CacheWrites? {
        guard writes.isUnsplit, reports.count > 1 || channels.count > 1 else { return nil }
        for report in reports {
            if let split = report.figures.cacheWrites, split.completes(writes) { return split }
        }
        // Of reports that were folded only their channel's figures are left.
        guard !folded.isEmpty else { return nil }
        for channel in channels {
            if let split = channel.figures.cacheWrites, split.completes(writes) { return split }
        }
        return nil
    }

    /// The call to publish; its revision is what ``published`` says.
    func call(as published: Published, reason: Call.Reason) -> Call {
        let figures = self.figures
        var call = Call(
            number: published.number, key: key, revision: published.revision, reason: reason, scope: origin.scope,
            eventTime: channels[0].latest, tokens: figures.tokens, quality: quality(figures))
        call.reportedCost = figures.cost.map(Amount.init(picodollars:))
        call.webSearchRequests = figures.webSearchRequests
        call.billedParts = billedParts(of: figures.tokens)
        for report in reports { call.fill(from: report.observation) }
        call.evidence = evidence(figures)
        return call
    }

    /// The parts of a report that make up the call's counts; a report of other counts, such as an early one, has others.
    private func billedParts(of tokens: TokenCounts) -> [TokenCounts] {
        reports.lazy.map(\.observation.billedParts).first { !$0.isEmpty && tokens.isSum(of: $0) } ?? []
    }

    /// What takes the record's published key back, when another key names the call better.
    func retraction(as published: Published, for replacement: CallKey?) -> Call {
        var call = Call(
            retracting: published, reason: .merged, scope: origin.scope, eventTime: channels[0].latest,
            quality: quality(figures))
        call.replacement = replacement
        return call
    }

    private func quality(_ figures: Figures) -> Call.Quality {
        if figures.isEmpty { return .unmetered }
        return channels.dropFirst().contains { $0.rank.channel != channels[0].rank.channel } ? .merged : .exact
    }
}

extension Call {
    /// The revision that takes a published key back.
    init(retracting published: Published, reason: Reason, scope: Scope, eventTime: Timestamp, quality: Quality) {
        self.init(
            number: published.number, key: published.key, revision: published.revision, reason: reason, scope: scope,
            eventTime: eventTime, quality: quality)
        isRetracted = true
    }

    /// Takes over the texts that are still missing.
    fileprivate mutating func fill(from report: Observation) {
        provider = provider ?? report.provider
        if model == nil, report.model != nil {
            // A model and its reported spelling come from one report.
            model = report.model
            reportedModel = report.reportedModel ?? reportedModel
        }
        reportedModel = reportedModel ?? report.reportedModel
        serviceTier = serviceTier ?? report.serviceTier
        speed = speed ?? report.speed
        inferenceGeo = inferenceGeo ?? report.inferenceGeo
        attribution = attribution.filled(from: report.attribution)
        trace = trace ?? report.trace
    }
}
