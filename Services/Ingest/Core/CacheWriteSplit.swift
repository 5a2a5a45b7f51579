import Metering

extension TokenCounts {
    /// Sets the tokens written to a cache from a total and, where the source tells them, its parts by lifetime.
    ///
    /// What the parts do not explain stays a write of unstated lifetime. Parts that pass the total stand alone: some
    /// builds report them and leave the total at zero.
    ///
    /// - Parameter other: tokens written for a lifetime that has no class here; they count as unstated ones, whether or not
    ///   the total has them.
    mutating func setCacheWrites(total: Int64?, fiveMinutes: Int64?, oneHour: Int64?, other: Int64 = 0) {
        guard fiveMinutes != nil || oneHour != nil else {
            cacheWrite = other > 0 ? max(total ?? 0, other) : total
            return
        }
        let stated = (fiveMinutes ?? 0).addingClamped(oneHour ?? 0)
        let rest = max((total ?? 0).subtractingClamped(stated), other)
        if stated == 0, rest > 0 {
            cacheWrite = rest
            return
        }
        cacheWrite5m = fiveMinutes ?? 0
        cacheWrite1h = oneHour ?? 0
        if rest > 0 { cacheWrite = rest }
    }
}
