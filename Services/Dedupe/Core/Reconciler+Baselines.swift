import Metering

/// Rule `baseline`: what the parent of a forked total had reached when they parted acts as a point of the fork that adds
/// nothing itself, whichever of the two is seen first.
extension Reconciler {
    /// What a total began at, and whether it was declared to have begun from another.
    func mark(_ baseline: Int64, isDeclared: Bool) -> AggregateRecord.BaselineMark? {
        isDeclared ? (baseline > 0 ? .found : .missing) : nil
    }

    /// The most that the parents of a total had reached when it parted from them; 0 without any.
    mutating func baseline(of place: SeriesPlace) throws(State.Failure) -> (value: Int64, isDeclared: Bool) {
        var highest: Int64 = 0
        let declared = try state.baselines(of: place)
        for baseline in declared {
            let parent = TotalName(
                tenant: place.scope.tenant, series: baseline.series, measure: place.identity.measure)
            highest = max(highest, try state.reading(of: parent, at: baseline.at) ?? 0)
        }
        return (highest, !declared.isEmpty)
    }

    /// Remembers what a point says of where its series began, and splits anew what the series' other points add.
    ///
    /// - Returns: whether it was news.
    mutating func declare(
        _ baseline: AggregatePoint.Baseline?, of place: SeriesPlace
    ) throws(State.Failure) -> Bool {
        guard let baseline, place.identity.temporality == .highWater else { return false }
        let before = try self.baseline(of: place)
        guard try state.declare(baseline, of: place) else { return false }
        _ = try rebase(place, from: before)
        return true
    }

    /// Splits anew what the points of a total add after its beginning changed.
    ///
    /// - Returns: whether anything changed.
    mutating func rebase(
        _ place: SeriesPlace, from before: (value: Int64, isDeclared: Bool)
    ) throws(State.Failure) -> Bool {
        let after = try baseline(of: place)
        guard after != before else { return false }
        var last = before.value
        for point in try state.points(of: place, above: before.value, throughFirstAbove: after.value) {
            let old = point.value - last
            let new = max(point.value, after.value) - max(last, after.value)
            last = point.value
            let bucket = Bucket(scope: place.scope, group: place.identity.group, end: point.end)
            guard new != old, var record = try state.record(of: bucket) else { continue }
            record.correct(place.identity, by: new - old)
            try state.keep(record)
        }
        if let mark = mark(after.value, isDeclared: after.isDeclared),
            mark != self.mark(before.value, isDeclared: before.isDeclared)
        {
            for bucket in try state.buckets(of: place.scope, .all) where bucket.group == place.identity.group {
                guard var record = try state.record(of: bucket) else { continue }
                record.mark(place.identity, mark)
                try state.keep(record)
            }
        }
        try wait(for: place.scope)
        return true
    }

    /// Notes that a scope has aggregates that are not settled.
    mutating func wait(for scope: Scope) throws(State.Failure) {
        var record = try state.record(of: scope)
        guard !record.isUnsettled || !record.isUnreported else { return }
        record.isUnsettled = true
        record.isUnreported = true
        try state.keep(record)
    }
}
