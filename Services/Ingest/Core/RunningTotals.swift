import Metering

/// Totals that a harness keeps of a session, or of a part of one, and writes anew as they grow.
///
/// Each class and the cost is a series of its own that never falls back, so that an older copy which arrives late changes
/// nothing.
struct RunningTotals {
    /// The tokens so far, in disjoint classes.
    var tokens = TokenCounts()
    /// The reported cost so far.
    var cost: Amount?
    /// What tells these totals from others of the same session, such as a model; empty when there are no others.
    var parts: [String] = []

    /// The totals as points, none for what is zero.
    ///
    /// - Parameter describe: fills in model, provider, authority and attribution.
    func observations(
        session: String?, time: Timestamp?, channel: Channel, _ context: ReadingContext,
        describe: (inout Observation) -> Void
    ) -> [Observation] {
        var group = RecordHasher("totals")
        group.add(context.harness.rawValue)
        group.add(session ?? context.source)
        for part in parts { group.add(part) }
        let groupID = group.identity()
        func observation(_ measure: AggregatePoint.Measure, _ name: String, _ value: Int64) -> Observation {
            var hasher = RecordHasher("total")
            hasher.add(groupID)
            hasher.add(name)
            let series = hasher.identity()
            hasher.add(value)
            let point = AggregatePoint(
                series: series, group: groupID, measure: measure, start: nil, end: time ?? context.receivedTime,
                temporality: .highWater, value: value)
            var observation = context.observation(
                hasher.identity(), channel: channel, session: session, time: time, content: .aggregate(point))
            describe(&observation)
            return observation
        }
        var observations: [Observation] = []
        for tokenClass in TokenClass.allCases {
            guard let count = tokens[tokenClass], count > 0 else { continue }
            observations.append(observation(.tokens(tokenClass, within: nil), tokenClass.rawValue, count))
        }
        if let cost, cost > .zero { observations.append(observation(.cost, "cost", cost.picodollars)) }
        return observations
    }
}
