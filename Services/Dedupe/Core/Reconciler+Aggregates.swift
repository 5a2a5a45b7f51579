public import Metering

extension Reconciler {
    /// Takes in a point of a counter: a sum over calls, which waits in case the calls themselves arrive.
    mutating func acceptPoint(_ observation: Observation, _ content: AggregatePoint) throws(State.Failure) -> Outcome {
        let place = SeriesPlace(
            scope: observation.scope, identity: SeriesIdentity(content, of: observation))
        let isForkNews = try declare(content.baseline, of: place)
        // The start of a total that never falls back says nothing.
        let start = content.temporality == .highWater ? nil : content.start
        let point = SeriesPoint(start: start, end: content.end, value: content.value)
        let forks = try self.forks(of: place, from: point)
        guard try insert(point, into: place, observation) else {
            return isForkNews ? .waiting([place.scope]) : .duplicate
        }
        var waiting = [place.scope]
        for (fork, before) in forks where try rebase(fork, from: before) { waiting.append(fork.scope) }
        if point.value != 0 {
            try note(place)
            if let source = try ownSource(place, observation) { waiting.append(source) }
        }
        try wait(for: place.scope)
        return .waiting(waiting)
    }

    /// Adds a point to its series and splits anew what the point after it adds.
    ///
    /// - Returns: whether the point is new.
    private mutating func insert(
        _ point: SeriesPoint, into place: SeriesPlace, _ observation: Observation
    ) throws(State.Failure) -> Bool {
        let series = place.identity
        var origin: (value: Int64, isDeclared: Bool) = (0, false)
        if series.temporality == .highWater { origin = try baseline(of: place) }
        guard let neighbours = try state.insert(point, into: series, of: place.scope) else { return false }

        let rule = CounterRule(temporality: series.temporality, baseline: origin.value)
        let bucket = Bucket(scope: place.scope, group: series.group, end: point.end)
        var record = try state.record(of: bucket) ?? AggregateRecord(bucket: bucket)
        record.add(
            point, of: series, observation, increment: rule.increment(of: point, after: neighbours.before),
            isConflict: rule.isConflict(point, neighbours), baseline: mark(origin.value, isDeclared: origin.isDeclared))
        try state.keep(record)

        if let after = neighbours.after {
            let bucket = Bucket(scope: place.scope, group: series.group, end: after.end)
            let correction = rule.correction(to: after, inserting: point, after: neighbours.before)
            if correction != 0, var record = try state.record(of: bucket) {
                record.correct(series, by: correction)
                try state.keep(record)
            }
        }
        return true
    }

    /// The series forked from the one a point is of, with what they began at so far.
    private mutating func forks(
        of place: SeriesPlace, from point: SeriesPoint
    ) throws(State.Failure) -> [(place: SeriesPlace, before: (value: Int64, isDeclared: Bool))] {
        guard place.identity.temporality == .highWater else { return [] }
        var forks: [(place: SeriesPlace, before: (value: Int64, isDeclared: Bool))] = []
        for fork in try state.forks(of: place.identity.total(in: place.scope.tenant), from: point.end) {
            forks.append((fork, try baseline(of: fork)))
        }
        return forks
    }

    /// Rule `aggregate-authority`: notes that the family of a series reports its field, and lets what consumers count of
    /// the scope wait to be settled where that field is taken from another family now.
    private mutating func note(_ place: SeriesPlace) throws(State.Failure) {
        var record = try state.record(of: place.scope)
        let before = record.families
        let isOvertaken = record.families.add(Field(place.identity.measure), of: place.identity.family)
        guard record.families != before else { return }
        try state.keep(record)
        guard isOvertaken, record.publishedAggregates > 0 else { return }
        for bucket in try state.buckets(of: place.scope, .published) where !bucket.isEstimate {
            guard var aggregate = try state.record(of: bucket) else { continue }
            aggregate.wait()
            try state.keep(aggregate)
        }
    }

    /// Publishes the aggregates of a scope that were waiting.
    ///
    /// - Returns: `nil` where consumers already know everything.
    public mutating func settle(_ scope: Scope) throws(State.Failure) -> CallTransaction? {
        var record = try state.record(of: scope)
        guard record.isUnsettled else { return nil }
        record.isUnsettled = false
        record.isUnreported = true
        let calls = try publish(.waiting, of: &record, reason: .update)
        try state.keep(record)
        return calls.isEmpty ? nil : CallTransaction(calls: calls)
    }

    /// Rule `field-ownership`: fields that a call of the scope reports are taken from the scope's aggregates, at once
    /// from those that consumers count.
    mutating func own(_ fields: FieldSet, in scope: inout ScopeRecord) throws(State.Failure) -> [Call] {
        guard !scope.owned.isSuperset(of: fields) else { return [] }
        scope.owned.formUnion(fields)
        // What stands for a source is owned hour by hour.
        guard scope.scope.isSessionKnown, scope.publishedAggregates > 0 else { return [] }
        return try publish(.published, of: &scope, reason: .superseded)
    }

    /// Rule `source-ownership`: fields that a call of a source reports are taken from the source's aggregates without a
    /// session in the hours around it, at once from those that consumers count.
    mutating func ownSource(_ report: Report) throws(State.Failure) -> [Call] {
        let hour = SourceHour(report.observation)
        let known = try state.fields(of: hour)
        let fields = report.figures.nonZeroFields
        guard !known.isSuperset(of: fields) else { return [] }
        try state.keep(known.union(fields), of: hour)
        var scope = try state.record(
            of: Scope(tenant: hour.tenant, harness: hour.harness, unknownSessionOf: hour.source))
        guard scope.publishedAggregates > 0 else { return [] }
        let calls = try publish(.published, of: &scope, hours: hour.hour...hour.hour + 1, reason: .superseded)
        scope.isUnreported = true
        try state.keep(scope)
        return calls
    }

    /// Rule `source-ownership`, for sums: what is summed up under a session's name is taken from its source's other metrics.
    ///
    /// Metrics that name no session describe the same calls as the sum of a run or of a trace. A sum is told when it is over,
    /// so it owns the hour before, too.
    ///
    /// - Returns: the scope of these metrics, where consumers count some of them.
    private mutating func ownSource(
        _ place: SeriesPlace, _ observation: Observation
    ) throws(State.Failure) -> Scope? {
        guard place.scope.isSessionKnown, observation.channel != .metric else { return nil }
        let last = SourceHour(observation)
        let field = Field(place.identity.measure)
        var isNew = false
        for hour in [last, last.before] {
            let known = try state.fields(of: hour)
            if known.contains(field) { continue }
            isNew = true
            try state.keep(known.union(FieldSet(field)), of: hour)
        }
        let scope = Scope(tenant: last.tenant, harness: last.harness, unknownSessionOf: last.source)
        guard isNew, try state.record(of: scope).publishedAggregates > 0 else { return nil }
        let hours = last.hour - 1...last.hour + 1
        for bucket in try state.buckets(of: scope, .published) where hours.contains(bucket.hour) {
            guard var aggregate = try state.record(of: bucket) else { continue }
            aggregate.wait()
            try state.keep(aggregate)
        }
        try wait(for: scope)
        return scope
    }

    /// What decides about the fields of a bucket.
    mutating func claims(on bucket: Bucket, of scope: ScopeRecord) throws(State.Failure) -> AggregateClaims {
        guard !scope.scope.isSessionKnown else {
            return AggregateClaims(owned: scope.owned, ownership: .fieldOwnership, families: scope.families)
        }
        var owned: FieldSet = []
        for hour in SourceHour.deciding(bucket) { owned.formUnion(try state.fields(of: hour)) }
        return AggregateClaims(owned: owned, ownership: .sourceOwnership, families: scope.families)
    }

    private mutating func publish(
        _ selection: BucketSelection, of scope: inout ScopeRecord, hours: ClosedRange<Int64>? = nil,
        reason: Call.Reason
    ) throws(State.Failure) -> [Call] {
        var calls: [Call] = []
        let buckets = try state.buckets(of: scope.scope, selection).filter { !$0.isEstimate }
            .sorted { ($0.hour, $0.group) < ($1.hour, $1.group) }
        for bucket in buckets where hours?.contains(bucket.hour) ?? true {
            guard var record = try state.record(of: bucket) else { continue }
            let wasPublished = record.isPublished
            let claims = try claims(on: bucket, of: scope)
            if let call = try publish(&record, claims, reason: reason) { calls.append(call) }
            if record.isPublished != wasPublished { scope.publishedAggregates += record.isPublished ? 1 : -1 }
            try state.keep(record)
        }
        return calls
    }

    /// The revision that tells consumers what has become of an aggregate; `nil` where they know.
    private mutating func publish(
        _ record: inout AggregateRecord, _ claims: AggregateClaims, reason: Call.Reason
    ) throws(State.Failure) -> Call? {
        record.isWaiting = false
        let aggregate = record
        return try publish(&record, reason: reason) { published, reason in
            aggregate.call(claims, as: published, reason: reason)
                ?? Call(
                    retracting: published, reason: .superseded, scope: aggregate.bucket.scope,
                    eventTime: aggregate.latest, quality: .aggregate)
        }
    }

    /// The next revision of a bucket's call, as it is made for a publication; `nil` where consumers know what it says, or
    /// would first hear of it by its being taken back.
    mutating func publish(
        _ record: inout AggregateRecord, reason: Call.Reason, _ make: (Published, Call.Reason) -> Call
    ) throws(State.Failure) -> Call? {
        // Content is compared under one number and revision, which are not content.
        let content = make(Published(number: 1, key: record.bucket.key), .first)
        let fingerprint =
            content.isRetracted ? nil : Self.contentFingerprint(CallTransaction(calls: [content]).json)
        guard record.isPublished || !content.isRetracted, fingerprint != record.publishedContent else { return nil }

        var reason = reason
        var published: Published
        if let before = record.published {
            published = before
            published.revision += 1
        } else {
            published = Published(number: try state.takeNumber(), key: record.bucket.key)
            reason = .first
        }
        published.isRetracted = content.isRetracted
        record.published = published
        record.publishedContent = fingerprint
        return make(published, reason)
    }

    static var contentFingerprint: Fingerprint { Fingerprint(key: ContentID(high: 0, low: 0)) }
}
