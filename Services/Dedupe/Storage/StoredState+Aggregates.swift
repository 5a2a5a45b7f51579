import Metering
import Reconciliation
import Wire

extension StoredState {
    func insert(_ point: SeriesPoint, into identity: SeriesIdentity, of scope: Scope) throws -> PointNeighbours? {
        let series = try id(of: SeriesPlace(scope: scope, identity: identity))
        let place = PointPlace(point, identity.temporality)
        guard try statements.points.insert.run(series, place.start, place.first, place.second) == 1 else { return nil }
        func read(_ row: SQLRow) -> SeriesPoint { place.point(first: row.integer(0), second: row.integer(1)) }
        return PointNeighbours(
            before: try statements.points.before.first(series, place.start, place.first, place.second, read: read),
            after: try statements.points.after.first(series, place.start, place.first, place.second, read: read))
    }

    func record(of bucket: Bucket) throws -> AggregateRecord? {
        try storedAggregate(bucket)?.record
    }

    func keep(_ record: AggregateRecord) throws {
        let stored = try storedAggregate(record.bucket)
        aggregates[record.bucket] = StoredAggregate(id: stored?.id ?? nextAggregate, record: record)
        if stored == nil { nextAggregate += 1 }
        changedAggregates.insert(record.bucket)
    }

    func buckets(of scope: Scope, _ selection: BucketSelection) throws -> [Bucket] {
        // What is selected is written in columns; they must say what the cache says.
        try flushAggregates()
        guard let id = try storedScope(scope)?.id else { return [] }
        let statement =
            switch selection {
            case .all: statements.aggregates.all
            case .waiting: statements.aggregates.waiting
            case .published: statements.aggregates.published
            }
        var buckets: [Bucket] = []
        try statement.rows(id) { row in
            guard let group = ContentID(bytes: row.bytes(0)) else {
                throw StateError(table: "aggregate", row: id, cause: "a group is not 16 bytes")
            }
            buckets.append(Bucket(scope: scope, group: group, hour: row.integer(1)))
        }
        return buckets
    }

    private func id(of place: SeriesPlace) throws -> Int64 {
        if let cached = series[place] { return cached }
        let scope = try id(of: place.scope)
        let name = place.identity.name
        var id = nextSeries
        if let stored = try statements.points.findSeries.first(scope, name, read: { $0.integer(0) }) {
            id = stored
        } else {
            nextSeries += 1
            try statements.points.insertSeries.run(id, scope, name)
            if place.identity.temporality == .highWater {
                let total = fingerprint(of: place.identity.total(in: place.scope.tenant))
                try statements.points.insertTotal.run(total.high64, total.low64, id)
            }
        }
        series[place] = id
        places[id] = place
        return id
    }

    private func storedAggregate(_ bucket: Bucket) throws -> StoredAggregate? {
        if let cached = aggregates[bucket] { return cached }
        guard let scope = try storedScope(bucket.scope)?.id else { return nil }
        let row = try statements.aggregates.find.first(scope, bucket.group.bytes, bucket.hour) { row in
            (id: row.integer(0), json: row.bytes(1))
        }
        guard let row else { return nil }
        do throws(JSONError) {
            let stored = StoredAggregate(id: row.id, record: try AggregateRecord(bucket: bucket, json: row.json))
            aggregates[bucket] = stored
            return stored
        } catch {
            throw StateError(table: "aggregate", row: row.id, cause: "\(error)")
        }
    }

    func flushAggregates() throws {
        for bucket in changedAggregates {
            guard let stored = aggregates[bucket] else { continue }
            try statements.aggregates.keep.run(
                stored.id, try id(of: bucket.scope), bucket.group.bytes, bucket.hour, stored.record.isWaiting,
                stored.record.isPublished, stored.record.json)
        }
        changedAggregates.removeAll(keepingCapacity: true)
    }
}

/// Where a point stands in the table of points, which is ordered by start, end and value.
///
/// Totals that never fall back are ordered by their value: value and end change places.
private struct PointPlace {
    let start, first, second: Int64
    private let point: SeriesPoint
    private let isByValue: Bool

    init(_ point: SeriesPoint, _ temporality: AggregatePoint.Temporality) {
        self.point = point
        isByValue = temporality == .highWater
        start = point.start?.nanoseconds ?? .min
        first = isByValue ? point.value : point.end.nanoseconds
        second = isByValue ? point.end.nanoseconds : point.value
    }

    /// The point at another place of the same start.
    func point(first: Int64, second: Int64) -> SeriesPoint {
        SeriesPoint(
            start: point.start, end: Timestamp(nanoseconds: isByValue ? second : first),
            value: isByValue ? first : second)
    }
}

extension StoredState {
    func points(of place: SeriesPlace, above low: Int64, throughFirstAbove high: Int64) throws -> [SeriesPoint] {
        let series = try id(of: place)
        var points: [SeriesPoint] = []
        func read(_ row: SQLRow) -> SeriesPoint {
            SeriesPoint(start: nil, end: Timestamp(nanoseconds: row.integer(1)), value: row.integer(0))
        }
        try statements.points.between.rows(series, Int64.min, low, high) { points.append(read($0)) }
        if let first = try statements.points.firstAbove.first(series, Int64.min, max(low, high), read: read) {
            points.append(first)
        }
        return points
    }

    func reading(of total: TotalName, at time: Timestamp) throws -> Int64? {
        let name = fingerprint(of: total)
        return try statements.points.highestReading.first(name.high64, name.low64, time.nanoseconds) {
            $0.optionalInteger(0)
        }
            ?? nil
    }

    func declare(_ baseline: AggregatePoint.Baseline, of place: SeriesPlace) throws -> Bool {
        let parent = TotalName(tenant: place.scope.tenant, series: baseline.series, measure: place.identity.measure)
        let name = fingerprint(of: parent)
        return try statements.sources.insertBaseline.run(
            id(of: place), baseline.series.bytes, baseline.at.nanoseconds, name.high64, name.low64) == 1
    }

    func baselines(of place: SeriesPlace) throws -> [AggregatePoint.Baseline] {
        let fork = try id(of: place)
        var baselines: [AggregatePoint.Baseline] = []
        try statements.sources.baselines.rows(fork) { row in
            guard let series = ContentID(bytes: row.bytes(0)) else {
                throw StateError(table: "baseline", row: fork, cause: "a parent is not 16 bytes")
            }
            baselines.append(
                AggregatePoint.Baseline(series: series, at: Timestamp(nanoseconds: row.integer(1))))
        }
        return baselines
    }

    func forks(of total: TotalName, from time: Timestamp) throws -> [SeriesPlace] {
        let name = fingerprint(of: total)
        var ids: [Int64] = []
        try statements.sources.forks.rows(name.high64, name.low64, time.nanoseconds) { ids.append($0.integer(0)) }
        return try ids.map(place)
    }

    private func place(of id: Int64) throws -> SeriesPlace {
        // A series made in this very transaction is here: its scope may not be written yet.
        if let cached = places[id] { return cached }
        let row = try statements.points.findPlace.first(id) { row in
            (
                name: row.text(0),
                scope: Scope(
                    tenant: row.text(1), harness: Harness(rawValue: row.text(2)), session: row.text(3),
                    isSessionKnown: row.integer(4) != 0)
            )
        }
        guard let row, let identity = SeriesIdentity(name: row.name) else {
            throw StateError(table: "series", row: id, cause: "its name or its scope cannot be read")
        }
        let place = SeriesPlace(scope: row.scope, identity: identity)
        places[id] = place
        return place
    }

    private func fingerprint(of total: TotalName) -> ContentID {
        fingerprint("\(total.tenant)\n\(total.series) \(total.measure.name)")
    }
}

extension StoredState {
    func fields(of hour: SourceHour) throws -> FieldSet {
        if let cached = sources[hour] { return cached }
        let name = fingerprint(of: hour)
        let stored = try statements.sources.findFields.first(name.high64, name.low64, hour.hour) { row in
            FieldSet(rawValue: UInt8(truncatingIfNeeded: row.integer(0)))
        }
        let fields = stored ?? []
        sources[hour] = fields
        return fields
    }

    func keep(_ fields: FieldSet, of hour: SourceHour) throws {
        let name = fingerprint(of: hour)
        try statements.sources.keepFields.run(name.high64, name.low64, hour.hour, Int64(fields.rawValue))
        sources[hour] = fields
    }

    func group(_ name: PairingName) throws -> PairingGroup {
        let print = fingerprint(of: name)
        guard let stored = try statements.sources.findGroup.first(print.high64, print.low64, read: { $0.bytes(0) })
        else {
            return PairingGroup()
        }
        do throws(JSONError) {
            return try PairingGroup(json: stored)
        } catch {
            throw StateError(table: "pairing", row: print.high64, cause: "\(error)")
        }
    }

    func keep(_ group: PairingGroup, of name: PairingName) throws {
        let print = fingerprint(of: name)
        if group.isEmpty {
            try statements.sources.dropGroup.run(print.high64, print.low64)
        } else {
            try statements.sources.keepGroup.run(print.high64, print.low64, group.json)
        }
    }

    // Names of tenants, harnesses and sources have no line breaks that could imitate the end of another.
    private func fingerprint(of hour: SourceHour) -> ContentID {
        fingerprint("\(hour.tenant)\n\(hour.harness.rawValue)\n\(hour.source)")
    }

    private func fingerprint(of name: PairingName) -> ContentID {
        let scope = name.scope
        return fingerprint(
            "\(scope.tenant)\n\(scope.harness.rawValue)\n\(scope.isSessionKnown)\n\(scope.session)\n\(name.pairing)")
    }
}

extension ContentID {
    /// The first half, for a column.
    fileprivate var high64: Int64 { Int64(bitPattern: high) }
    /// The second half, for a column.
    fileprivate var low64: Int64 { Int64(bitPattern: low) }
}

extension SeriesIdentity {
    /// The identity as words, for a column; the usual authority is left out.
    fileprivate var name: String {
        let words = "\(series) \(group) \(measure.name) \(temporality.rawValue) \(channel.rawValue)"
        return authority == channel.defaultAuthority ? words : "\(words) \(authority)"
    }

    /// Reads ``name``.
    fileprivate init?(name: String) {
        let words = name.split(separator: " ").map(String.init)
        guard (5...6).contains(words.count), let series = ContentID(hexadecimal: words[0]),
            let group = ContentID(hexadecimal: words[1]), let measure = AggregatePoint.Measure(name: words[2]),
            let temporality = AggregatePoint.Temporality(rawValue: words[3]), let channel = Channel(rawValue: words[4])
        else { return nil }
        guard let authority = words.count == 6 ? Int64(words[5]) : channel.defaultAuthority else { return nil }
        self.init(
            series: series, group: group, measure: measure, temporality: temporality, channel: channel,
            authority: authority)
    }
}

extension AggregatePoint.Measure {
    /// What is counted and, behind a sign, the class it is a part of.
    fileprivate var name: String {
        switch self {
        case .cost: "cost"
        case .tokens(let tokenClass, let within):
            within.map { "\(tokenClass.rawValue)<\($0.rawValue)" } ?? tokenClass.rawValue
        }
    }

    /// Reads ``name``.
    fileprivate init?(name: String) {
        if name == "cost" {
            self = .cost
            return
        }
        let parts = name.split(separator: "<").map { TokenClass(rawValue: String($0)) }
        guard let first = parts.first, let tokenClass = first, parts.count < 2 || parts[1] != nil else { return nil }
        self = .tokens(tokenClass, within: parts.count > 1 ? parts[1] : nil)
    }
}
