import Metering

extension CallRecord {
    /// The record of a call that has rested for long: what late duplicates and late channels still need of it.
    ///
    /// Kept are every identity, the figures of each channel, the origin, and one report that holds the details of all;
    /// reports that name a pairing stay, because their order decides what joins them. Duplicates are still recognised, and
    /// a channel that comes late still merges; what is lost is the wording of evidence, which is counted from now on.
    ///
    /// - Returns: `nil` where nothing could be left out.
    public var compacted: CallRecord? {
        guard let first = reports.first else { return nil }
        var kept = [first]
        var summary = first.observation
        for report in reports.dropFirst() {
            summary.fill(from: report.observation)
            if report.observation.pairing != nil { kept.append(report) }
        }
        guard kept.count < reports.count else { return nil }
        kept[0] = Report(summary)
        return with(reports: kept)
    }
}

extension Observation {
    /// Fills what is missing of what a call is told by.
    fileprivate mutating func fill(from other: Observation) {
        provider = provider ?? other.provider
        if model == nil, other.model != nil {
            model = other.model
            reportedModel = other.reportedModel ?? reportedModel
        }
        reportedModel = reportedModel ?? other.reportedModel
        if billedParts.isEmpty { billedParts = other.billedParts }
        serviceTier = serviceTier ?? other.serviceTier
        speed = speed ?? other.speed
        inferenceGeo = inferenceGeo ?? other.inferenceGeo
        attribution = attribution.filled(from: other.attribution)
        trace = trace ?? other.trace
    }
}
