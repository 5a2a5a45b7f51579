// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Metering

extension Observation {
    var isReport: Bool {
        if case .call = content { true } else { false }
    }

    var keys: [CallKey] {
        if case .call(let keys, _, _) = content { keys } else { [] }
    }

    var tokens: TokenCounts {
        if case .call(_, let tokens, _) = content { tokens } else { TokenCounts() }
    }

    var cost: Amount? {
        if case .call(_, _, let cost) = content { cost } else { nil }
    }

    var point: AggregatePoint {
        guard case .aggregate(let point) = content else { fatalError("asked a report for its point") }
        return point
    }

    var family: [Int64] { [authority, channel.defaultAuthority] }

    /// The UTC hour: for a point that of its end.
    var hour: Int64 {
        let time = isReport ? eventTime : point.end
        return Int64((Double(time.seconds) / 3600).rounded(.down))
    }

    var isSessionKnown: Bool { !(session ?? "").isEmpty }

    var weight: (Int64, Int64) { (tokens.totalTokens ?? -1, cost?.picodollars ?? -1) }

    var run: String {
        let start = point.temporality == .highWater ? nil : point.start
        return "\(point.series) \(point.group) \(point.measure) \(point.temporality) \(channel) \(authority) "
            + "\(start.map(String.init(describing:)) ?? "?")"
    }

    /// The reports of the most believed channel that has a value.
    func channelMates<Value>(
        in believed: [Observation], reporting value: (Observation) -> Value?
    ) -> [Observation] {
        guard let winner = believed.first(where: { value($0) != nil }) else { return [] }
        return believed.filter { $0.authority == winner.authority && $0.channel == winner.channel }
    }

    /// The total of a split that is complete.
    var splitTotal: Int64? {
        guard tokens.cacheWrite5m != nil || tokens.cacheWrite1h != nil, (tokens.cacheWrite ?? 0) == 0 else {
            return nil
        }
        return tokens.allCacheWrites
    }

    var writesOrder: [Int64] {
        let stated = (tokens.cacheWrite5m ?? 0) + (tokens.cacheWrite1h ?? 0)
        return [
            tokens.allCacheWrites ?? -1, stated, splitTotal == nil ? 0 : 1, tokens.cacheWrite5m ?? -1,
            tokens.cacheWrite1h ?? -1, tokens.cacheWrite ?? -1,
        ]
    }

    func hasWrites(of other: TokenCounts) -> Bool {
        tokens.cacheWrite5m == other.cacheWrite5m && tokens.cacheWrite1h == other.cacheWrite1h
            && tokens.cacheWrite == other.cacheWrite
    }

    var fields: [(String, Int64)] {
        Self.fields(tokens, cost).compactMap { name, value in value.map { (name, $0) } }
    }

    func value(_ name: String) -> Int64? { fields.first { $0.0 == name }?.1 }

    static func fields(_ tokens: TokenCounts, _ cost: Amount?) -> [(String, Int64?)] {
        [
            ("uncached_input", tokens.uncachedInput), ("cache_read", tokens.cacheRead),
            ("cache_write", tokens.allCacheWrites), ("output", tokens.output), ("reasoning", tokens.reasoning),
            ("cost", cost?.picodollars),
        ]
    }
}

extension AggregatePoint {
    func counts(_ tokenClass: TokenClass) -> Bool {
        if case .tokens(tokenClass, _) = measure { true } else { false }
    }

    var field: String {
        switch measure {
        case .cost: "cost"
        case .tokens(.cacheWrite5m, _), .tokens(.cacheWrite1h, _): "cache_write"
        case .tokens(let tokenClass, _): tokenClass.rawValue
        }
    }

    func isRead(before other: AggregatePoint) -> Bool {
        if temporality == .highWater { return (value, end) < (other.value, other.end) }
        return (end, value) < (other.end, other.value)
    }
}
