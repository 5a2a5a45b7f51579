// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

public import Metering

/// The counting rules once more, from all observations at once and without a thought for speed.
///
/// It shares nothing with the reconciler but the vocabulary: what both agree on was said twice.
public struct Oracle: Sendable {
    /// What stands at the end; only aggregates' keys are the reconciler's to choose.
    public private(set) var calls: [CallName: Verdict] = [:]
    /// What stands of aggregates.
    public private(set) var aggregates: [AggregateName: Verdict] = [:]
    /// The same, were there no calls.
    private(set) var unowned: [Scope: [Verdict]] = [:]

    /// What the aggregates of a session say beyond its calls, of the fields that calls report; zeros left out.
    public internal(set) var residuals: [Scope: [String: Int64]] = [:]

    /// An aggregate, by what it stands for.
    public struct AggregateName: Hashable, Sendable {
        /// Whose it is.
        public let scope: Scope
        /// Which counters.
        public let group: ContentID
        /// Hours since 1970.
        public let hour: Int64
    }

    /// What is expected of a call.
    public struct Verdict: Hashable, Sendable {
        /// Whose it is.
        public var scope: Scope
        /// When it happened.
        public var time: Timestamp
        /// What it used.
        public var tokens: TokenCounts
        /// What it cost, as reported.
        public var cost: Amount?
        /// How good the figures are.
        public var quality: Call.Quality
        /// The model.
        public var model: String?
        /// The verdict on each observation; none for aggregates.
        public var evidence: [ContentID: String]

        /// What a call says; its evidence without the rules.
        public init(_ call: Call) {
            self.init(
                scope: call.scope, time: call.eventTime, tokens: call.tokens, cost: call.reportedCost,
                quality: call.quality, model: call.model, evidence: [:])
            for item in call.evidence.items where call.quality != .aggregate {
                evidence[item.observation] = item.verdict.rawValue
            }
        }

        func value(_ field: String) -> Int64? {
            switch field {
            case "cost": cost?.picodollars
            case "cache_write": tokens.allCacheWrites
            default: TokenClass(rawValue: field).flatMap { tokens[$0] }
            }
        }

        init(
            scope: Scope, time: Timestamp, tokens: TokenCounts, cost: Amount?, quality: Call.Quality, model: String?,
            evidence: [ContentID: String]
        ) {
            self.scope = scope
            self.time = time
            self.tokens = tokens
            self.cost = cost
            self.quality = quality
            self.model = model
            self.evidence = evidence
        }
    }

    /// Counts observations, whatever their order and repetition.
    public init(_ observations: [Observation]) {
        var distinct: [ContentID: Observation] = [:]
        for observation in observations { distinct[observation.id] = observation }
        let all = distinct.values.sorted { $0.id < $1.id }
        for cluster in OraclePairing.joined(Self.clusters(all.filter(\.isReport))) {
            let key = cluster.flatMap(\.keys).min()!
            calls[CallName(tenant: cluster[0].tenant, key: key)] = Self.verdict(cluster)
        }
        for scope in Set(all.filter { !$0.isReport }.map(\.scope)) {
            addAggregates(
                of: scope, points: all.filter { !$0.isReport && $0.scope == scope },
                all: all.filter { $0.tenant == scope.tenant })
            if scope.isSessionKnown { addResiduals(of: scope, all.filter { $0.scope == scope }) }
        }
    }

    /// Connected components, found by spreading the smallest label until nothing moves.
    private static func clusters(_ reports: [Observation]) -> [[Observation]] {
        var labels = Array(reports.indices)
        var isMoving = true
        while isMoving {
            isMoving = false
            for left in reports.indices {
                for right in reports.indices where labels[left] < labels[right] {
                    let isShared =
                        reports[left].tenant == reports[right].tenant
                        && reports[left].keys.contains { reports[right].keys.contains($0) }
                    if isShared {
                        labels[right] = labels[left]
                        isMoving = true
                    }
                }
            }
        }
        return Dictionary(grouping: reports.indices) { labels[$0] }.values.map { $0.map { reports[$0] } }
    }

    private static func verdict(_ cluster: [Observation]) -> Verdict {
        let believed = cluster.sorted { left, right in
            let leftKey = (left.authority, left.channel.defaultAuthority, -left.weight.0, -left.weight.1)
            let rightKey = (right.authority, right.channel.defaultAuthority, -right.weight.0, -right.weight.1)
            if leftKey != rightKey { return leftKey < rightKey }
            return left.eventTime == right.eventTime ? left.id < right.id : left.eventTime < right.eventTime
        }
        let best = believed[0]
        let first = cluster.min { left, right in
            let leftKey = (left.isSessionKnown ? 0 : 1, left.eventTime.nanoseconds, left.authority)
            let rightKey = (right.isSessionKnown ? 0 : 1, right.eventTime.nanoseconds, right.authority)
            if leftKey != rightKey { return leftKey < rightKey }
            return (left.harness.rawValue, left.scope.session) < (right.harness.rawValue, right.scope.session)
        }!
        var tokens = TokenCounts()
        tokens.uncachedInput = figure(believed, .uncachedInput)
        tokens.cacheRead = figure(believed, .cacheRead)
        tokens.output = figure(believed, .output)
        tokens.reasoning = figure(believed, .reasoning)
        (tokens.cacheWrite5m, tokens.cacheWrite1h, tokens.cacheWrite) = writes(believed)
        let cost = best.channelMates(in: believed, reporting: \.cost).compactMap(\.cost).max()
        let isSilent = tokens.isEmpty && cost == nil
        let quality: Call.Quality =
            isSilent ? .unmetered : (Set(cluster.map(\.channel)).count > 1 ? .merged : .exact)
        var evidence: [ContentID: String] = [:]
        for report in believed { evidence[report.id] = judge(report, believed, tokens, cost) }
        return Verdict(
            scope: first.scope,
            time: believed.filter { $0.authority == best.authority && $0.channel == best.channel }
                .map(\.eventTime).max()!,
            tokens: tokens, cost: cost, quality: quality, model: believed.compactMap(\.model).first, evidence: evidence)
    }

    /// The largest figure of the most believed channel that reports it.
    private static func figure(_ believed: [Observation], _ tokenClass: TokenClass) -> Int64? {
        believed[0].channelMates(in: believed, reporting: { $0.tokens[tokenClass] })
            .compactMap { $0.tokens[tokenClass] }.max()
    }

    private static func writes(_ believed: [Observation]) -> (Int64?, Int64?, Int64?) {
        let mates = believed[0].channelMates(in: believed, reporting: { $0.tokens.allCacheWrites })
            .filter { $0.tokens.allCacheWrites != nil }
        guard !mates.isEmpty else { return (nil, nil, nil) }
        let stands = mates.max { left, right in left.writesOrder.lexicographicallyPrecedes(right.writesOrder) }!
        if stands.tokens.cacheWrite5m == nil, stands.tokens.cacheWrite1h == nil {
            let total = stands.tokens.cacheWrite
            if let donor = believed.first(where: { $0.splitTotal != nil && $0.splitTotal == total }) {
                return (donor.tokens.cacheWrite5m, donor.tokens.cacheWrite1h, donor.tokens.cacheWrite)
            }
        }
        return (stands.tokens.cacheWrite5m, stands.tokens.cacheWrite1h, stands.tokens.cacheWrite)
    }

    private static func judge(
        _ report: Observation, _ believed: [Observation], _ tokens: TokenCounts, _ cost: Amount?
    ) -> String {
        var seen: Set<String> = []
        for (name, value) in report.fields {
            let final = Observation.fields(tokens, cost).first { $0.0 == name }!.1
            let reporters = believed.filter { $0.value(name) != nil }
            let winner = reporters[0]
            let mates = reporters.filter { $0.authority == report.authority && $0.channel == report.channel }
            if value < mates.map({ $0.value(name)! }).max()! {
                seen.insert("superseded")
            } else if value != final {
                seen.insert("conflicting")
            } else if winner.authority == report.authority, winner.channel == report.channel,
                mates.first(where: { $0.value(name) == value })!.id == report.id
            {
                seen.insert("counted")
            } else {
                seen.insert("duplicate")
            }
        }
        if seen.contains("counted") { return "counted" }
        if report.splitTotal != nil, report.hasWrites(of: tokens) {
            let reporters = believed.filter { $0.tokens.allCacheWrites != nil }
            let winners = reporters.filter {
                $0.authority == reporters[0].authority && $0.channel == reporters[0].channel
            }
            let stands = winners.max { $0.writesOrder.lexicographicallyPrecedes($1.writesOrder) }!
            if !stands.hasWrites(of: tokens) { return "counted" }
        }
        return ["conflicting", "superseded", "duplicate"].first { seen.contains($0) } ?? "duplicate"
    }

    private mutating func addAggregates(of scope: Scope, points: [Observation], all: [Observation]) {
        var hours: [AggregateName: [Observation: Int64]] = [:]
        for (_, run) in Dictionary(grouping: points, by: \.run) {
            let start = Self.baseline(of: run, among: all)
            var before: AggregatePoint?
            for observation in run.sorted(by: { $0.point.isRead(before: $1.point) }) {
                let point = observation.point
                var value = point.value
                if point.temporality == .highWater {
                    value = max(0, value - max(before?.value ?? 0, start))
                } else if let before {
                    switch point.temporality {
                    case .delta where before.end == point.end: value -= before.value
                    case .cumulative where before.value <= point.value: value -= before.value
                    default: break
                    }
                }
                let name = AggregateName(scope: scope, group: point.group, hour: observation.hour)
                hours[name, default: [:]][observation] = value
                before = point
            }
        }
        for (name, increments) in hours {
            let owned = Self.owned(name, all)
            aggregates[name] = Self.aggregate(scope, increments, owned, Self.winners(points))
            if let whole = Self.aggregate(scope, increments, [], Self.winners(points)) {
                unowned[scope, default: []].append(whole)
            }
        }
    }

    /// What the parents of a forked total had reached when it parted from them.
    private static func baseline(of run: [Observation], among all: [Observation]) -> Int64 {
        let parents = all.filter { !$0.isReport && $0.point.temporality == .highWater }
        var highest: Int64 = 0
        for fork in run where fork.point.temporality == .highWater {
            guard let baseline = fork.point.baseline else { continue }
            for parent in parents
            where parent.point.series == baseline.series && parent.point.field == fork.point.field
                && parent.point.end <= baseline.at
            {
                highest = max(highest, parent.point.value)
            }
        }
        return highest
    }

    /// The fields that calls take from an aggregate: those of its session, or of its source around its hour.
    private static func owned(_ name: AggregateName, _ all: [Observation]) -> Set<String> {
        let reports = all.filter(\.isReport)
        let owners = reports.filter { report in
            if name.scope.isSessionKnown { return report.scope == name.scope }
            return report.harness == name.scope.harness && "unknown:" + report.source == name.scope.session
                && (report.hour == name.hour || report.hour == name.hour - 1)
        }
        var owned = Set(owners.flatMap(\.fields).filter { $0.1 != 0 }.map(\.0))
        guard !name.scope.isSessionKnown else { return owned }
        for sum in all where !sum.isReport && sum.scope.isSessionKnown && sum.channel != .metric {
            let isNear = abs(sum.hour - name.hour) <= 1
            if sum.point.value != 0, isNear, sum.harness == name.scope.harness,
                "unknown:" + sum.source == name.scope.session
            {
                owned.insert(sum.point.field)
            }
        }
        return owned
    }

    /// The family from which each field is taken: authority, then the usual order of channels.
    private static func winners(_ points: [Observation]) -> [String: [Int64]] {
        var winners: [String: [Int64]] = [:]
        for observation in points where observation.point.value != 0 {
            let field = observation.point.field
            let before = winners[field] ?? [.max]
            if observation.family.lexicographicallyPrecedes(before) { winners[field] = observation.family }
        }
        return winners
    }

    private static func aggregate(
        _ scope: Scope, _ increments: [Observation: Int64], _ owned: Set<String>, _ winners: [String: [Int64]]
    ) -> Verdict? {
        var sums: [String: Int64] = [:]
        let families = Dictionary(grouping: increments.keys, by: \.family)
        for (family, points) in families.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for (name, sum) in Self.sums(points, increments) where sums[name] == nil {
                let field = name.hasPrefix("cache_write") ? "cache_write" : name
                if owned.contains(field) || (winners[field] ?? family) != family { continue }
                sums[name] = sum
            }
        }
        guard sums.values.contains(where: { $0 != 0 }) else { return nil }
        var tokens = TokenCounts()
        for tokenClass in TokenClass.allCases { tokens[tokenClass] = sums[tokenClass.rawValue] }
        return Verdict(
            scope: scope, time: increments.keys.map(\.point.end).max()!, tokens: tokens,
            cost: sums["cost"].map(Amount.init(picodollars:)), quality: .aggregate,
            model: increments.keys.min { $0.id < $1.id }!.model, evidence: [:])
    }

    /// What one family says, what one class includes of another taken out of it.
    private static func sums(_ points: [Observation], _ increments: [Observation: Int64]) -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for observation in points {
            let value = increments[observation]!
            switch observation.point.measure {
            case .cost: sums["cost", default: 0] += value
            case .tokens(let tokenClass, let within):
                sums[tokenClass.rawValue, default: 0] += value
                if let within, points.contains(where: { $0.point.counts(within) }) {
                    sums[within.rawValue, default: 0] -= value
                }
            }
        }
        return sums.mapValues { max(0, $0) }
    }
}
