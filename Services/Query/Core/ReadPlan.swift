import Metering

/// Which sums and charges an answer is made of.
///
/// Whole UTC days come from day sums where periods allow it, quarter hours from their sums, and what a range cuts off a
/// quarter hour from single charges: any range is exact, and a year is read in milliseconds.
public struct ReadPlan: Hashable, Sendable {
    /// The parts, disjoint in time.
    public var steps: [Step]
    /// Whether cells are to be told apart by session.
    public var isBySession: Bool

    /// How finely time is cut.
    public enum Grain: Hashable, Sendable {
        /// Not at all.
        case whole
        /// By local day.
        case day
        /// By local hour.
        case hour
    }

    /// One part of a plan.
    public enum Step: Hashable, Sendable {
        /// Sums of the UTC days `first..<end`; each lies within one local day.
        case days(first: Int64, end: Int64, grain: Grain)
        /// Sums of the quarter hours `first..<end`, all at one offset from UTC.
        case quarters(first: Int64, end: Int64, offset: Int64, grain: Grain)
        /// Single charges with event times in `first..<end` nanoseconds, all at one offset from UTC.
        case charges(first: Int64, end: Int64, offset: Int64, grain: Grain)
        /// Sums of whole sessions that lie in `first..<end` nanoseconds, single charges of those that reach beyond.
        case sessions(first: Int64, end: Int64)
    }

    /// Seconds of the unit of sums.
    public static let quarter: Int64 = 900

    /// Plans the reading for a request.
    public init(_ request: UsageRequest) {
        isBySession = request.groups.contains(.session)
        steps = []
        let since = request.since?.nanoseconds ?? .min
        let until = request.until?.nanoseconds ?? .max
        let grain = Self.grain(request.groups)
        if isBySession || !request.filter.sessions.isEmpty {
            guard grain != .whole else {
                steps = [.sessions(first: since, end: until)]
                return
            }
            addCharges(from: since, to: until, request.zone, grain)
            return
        }
        let unit = Self.quarter * Timestamp.nanosecondsPerSecond
        // Both bounds rounded into the range; what is cut off is read from charges.
        let first = since == .min ? Int64.min : -((-since).flooredQuotient(unit))
        let end = until == .max ? Int64.max : until.flooredQuotient(unit)
        guard first < end else {
            addCharges(from: since, to: until, request.zone, grain)
            return
        }
        if first != .min { addCharges(from: since, to: first * unit, request.zone, grain) }
        addSums(first: first, end: end, request.zone, grain)
        if end != .max { addCharges(from: end * unit, to: until, request.zone, grain) }
    }

    /// The coarsest grain that the groups can be made of.
    static func grain(_ groups: [GroupKey]) -> Grain {
        if groups.contains(.period(.hour)) { return .hour }
        let periods: [GroupKey] = [.period(.day), .period(.week), .period(.month)]
        return groups.contains { periods.contains($0) } ? .day : .whole
    }

    private mutating func addCharges(from first: Int64, to end: Int64, _ zone: ZoneOffsets, _ grain: Grain) {
        guard first < end else { return }
        guard grain != .whole else {
            steps.append(.charges(first: first, end: end, offset: 0, grain: grain))
            return
        }
        let second = Timestamp.nanosecondsPerSecond
        let stretches = zone.stretches(
            from: first.flooredQuotient(second), to: end == .max ? .max : -((-end).flooredQuotient(second)))
        for stretch in stretches {
            let low = max(first, Timestamp(seconds: stretch.start).nanoseconds)
            let high = min(end, Timestamp(seconds: stretch.end).nanoseconds)
            guard low < high else { continue }
            steps.append(.charges(first: low, end: high, offset: stretch.offset, grain: grain))
        }
    }

    private mutating func addSums(first: Int64, end: Int64, _ zone: ZoneOffsets, _ grain: Grain) {
        let isWhole = grain == .whole
        let seconds = { (quarters: Int64) in
            quarters == .min || quarters == .max ? quarters : quarters * Self.quarter
        }
        let stretches =
            isWhole
            ? [ZoneOffsets.Stretch(start: seconds(first), end: seconds(end), offset: 0)]
            : zone.stretches(from: seconds(first), to: seconds(end))
        for stretch in stretches {
            let low = stretch.start == .min ? .min : stretch.start.flooredQuotient(Self.quarter)
            let high = stretch.end == .max ? .max : stretch.end.flooredQuotient(Self.quarter)
            guard grain != .hour, stretch.offset == 0 else {
                steps.append(.quarters(first: low, end: high, offset: stretch.offset, grain: grain))
                continue
            }
            addDays(first: low, end: high, grain)
        }
    }

    private mutating func addDays(first: Int64, end: Int64, _ grain: Grain) {
        let perDay = 86_400 / Self.quarter
        let firstDay = first == .min ? Int64.min : -((-first).flooredQuotient(perDay))
        let endDay = end == .max ? Int64.max : end.flooredQuotient(perDay)
        guard firstDay < endDay else {
            steps.append(.quarters(first: first, end: end, offset: 0, grain: grain))
            return
        }
        if firstDay != .min, first < firstDay * perDay {
            steps.append(.quarters(first: first, end: firstDay * perDay, offset: 0, grain: grain))
        }
        steps.append(.days(first: firstDay, end: endDay, grain: grain))
        if endDay != .max, endDay * perDay < end {
            steps.append(.quarters(first: endDay * perDay, end: end, offset: 0, grain: grain))
        }
    }
}
