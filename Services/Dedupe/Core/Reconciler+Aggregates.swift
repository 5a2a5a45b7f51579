public import Metering

extension Reconciler {
    /// Takes in a point of a counter: a sum over calls, which waits in case the calls themselves arrive.
    mutating func acceptPoint(_ observation: Observation, _ content: AggregatePoint) throws(State.Failure) -> Outcome {
        let series = SeriesIdentity(content, channel: observation.channel)
        let point = SeriesPoint(start: content.start, end: content.end, value: content.value)
        let scope = observation.scope
        guard let neighbours = try state.insert(point, into: series, of: scope) else { return .duplicate }

        let bucket = Bucket(scope: scope, group: series.group, end: point.end)
        var record = try state.record(of: bucket) ?? AggregateRecord(bucket: bucket)
        record.add(
            point, observation,
            increment: CounterRule.increment(of: point, after: neighbours.before, series.temporality),
            isConflict: CounterRule.isConflict(point, neighbours, series.temporality))
        try state.keep(record)

        if let after = neighbours.after {
            let bucket = Bucket(scope: scope, group: series.group, end: after.end)
            let correction = CounterRule.correction(
                to: after, inserting: point, after: neighbours.before, series.temporality)
            if correction != 0, var record = try state.record(of: bucket) {
                record.correct(series, by: correction)
                try state.keep(record)
            }
        }

        var scopeRecord = try state.record(of: scope)
        if !scopeRecord.isUnsettled {
            scopeRecord.isUnsettled = true
            try state.keep(scopeRecord)
        }
        return .waiting
    }

    /// Publishes the aggregates of a scope that were waiting.
    ///
    /// - Returns: `nil` where consumers already know everything.
    public mutating func settle(_ scope: Scope) throws(State.Failure) -> CallTransaction? {
        var record = try state.record(of: scope)
        guard record.isUnsettled else { return nil }
        record.isUnsettled = false
        let calls = try publish(.waiting, of: &record, reason: .update)
        try state.keep(record)
        return calls.isEmpty ? nil : CallTransaction(calls: calls)
    }

    /// Rule `field-ownership`: fields that a call of the scope reports are taken from the scope's aggregates, at once
    /// from those that consumers count.
    mutating func own(_ fields: FieldSet, in scope: inout ScopeRecord) throws(State.Failure) -> [Call] {
        guard !scope.owned.isSuperset(of: fields) else { return [] }
        scope.owned.formUnion(fields)
        return scope.publishedAggregates > 0 ? try publish(.published, of: &scope, reason: .superseded) : []
    }

    private mutating func publish(
        _ selection: BucketSelection, of scope: inout ScopeRecord, reason: Call.Reason
    ) throws(State.Failure) -> [Call] {
        var calls: [Call] = []
        let buckets = try state.buckets(of: scope.scope, selection).sorted { ($0.hour, $0.group) < ($1.hour, $1.group) }
        for bucket in buckets {
            guard var record = try state.record(of: bucket) else { continue }
            let wasPublished = record.isPublished
            if let call = try publish(&record, owned: scope.owned, reason: reason) { calls.append(call) }
            if record.isPublished != wasPublished { scope.publishedAggregates += record.isPublished ? 1 : -1 }
            try state.keep(record)
        }
        return calls
    }

    /// The revision that tells consumers what has become of an aggregate; `nil` where they know.
    private mutating func publish(
        _ record: inout AggregateRecord, owned: FieldSet, reason: Call.Reason
    ) throws(State.Failure) -> Call? {
        record.isWaiting = false
        // Content is compared under one number and revision, which are not content.
        let neutral = Published(number: 1, key: record.bucket.key)
        let content = record.call(owned: owned, as: neutral, reason: .first)
        let fingerprint = content.map { Self.contentFingerprint(CallTransaction(calls: [$0]).json) }
        guard record.isPublished || content != nil, fingerprint != record.publishedContent else { return nil }

        var reason = reason
        var published: Published
        if let before = record.published {
            published = before
            published.revision += 1
        } else {
            published = Published(number: try state.takeNumber(), key: record.bucket.key)
            reason = .first
        }
        published.isRetracted = content == nil
        record.published = published
        record.publishedContent = fingerprint
        return record.call(owned: owned, as: published, reason: reason)
            ?? Call(
                retracting: published, reason: .superseded, scope: record.bucket.scope, eventTime: record.latest,
                quality: .aggregate)
    }

    private static var contentFingerprint: Fingerprint { Fingerprint(key: ContentID(high: 0, low: 0)) }
}
