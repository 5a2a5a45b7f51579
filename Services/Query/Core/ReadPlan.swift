import Metering

/// Which sums and charges an answer is made of.
///
/// Whole days of the zone come from day sums, quarter hours at the ends of a range from their sums, and what a range cuts
/// off a quarter hour from single charges: any range is exact, and a year is read in milliseconds.
public struct ReadPlan: Hashable, Sendable {
    /// The parts, disjoint in time.
    public var steps: [Step]
    /// Whether cells are to be told apart by session.
    public var isBySession: Bool
    /// The dimensions by which cells are to be told apart; of others they have no value, however they were read, so that
    /// nobody comes to rely on what one way of reading leaves in.
    public var dimensions: Set<Dimension>

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
        /// Sums of the whole days `first..<end` of a zone, counted from the Unix epoch; never by hour.
        case localDays(first: Int64, end: Int64, zone: ZoneOffsets, grain: Grain)
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
        dimensions = Set(
            request.groups.compactMap { group in
                guard case .dimension(let dimension) = group else { return nil }
                return dimension
            })
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
        guard grain != .hour, let days = Self.wholeDays(from: since, to: until, request.zone) else {
            addRange(from: since, to: until, request.zone, grain)
            return
        }
        if days.first != .min { addRange(from: since, to: days.start, request.zone, grain) }
        steps.append(.localDays(first: days.first, end: days.end, zone: request.zone, grain: grain))
        if days.end != .max { addRange(from: days.past, to: until, request.zone, grain) }
    }

    /// The sums in which the whole days of a zone are kept when no day of that zone is kept itself.
    public static func lowered(first: Int64, end: Int64, zone: ZoneOffsets, grain: Grain) -> [Step] {
        var plan = ReadPlan()
        guard zone != .utc else { return [.days(first: first, end: end, grain: grain)] }
        let quarter = { (day: Int64) in
            zone.start(of: CivilDay(daysSinceEpoch: Int(day))).seconds.flooredQuotient(Self.quarter)
        }
        plan.addSums(
            first: first == .min ? .min : quarter(first), end: end == .max ? .max : quarter(end), zone, grain)
        return plan.steps
    }

    private init() {
        steps = []
        isBySession = false
        dimensions = []
    }

    /// The whole days of a zone within a range, with the nanoseconds at which they begin and end.
    private static func wholeDays(
        from since: Int64, to until: Int64, _ zone: ZoneOffsets
    ) -> (first: Int64, end: Int64, start: Int64, past: Int64)? {
        var days = (first: Int64.min, end: Int64.max, start: Int64.min, past: Int64.max)
        if since != .min {
            let day = zone.day(of: Timestamp(nanoseconds: since))
            let start = zone.start(of: day).nanoseconds
            let next = CivilDay(daysSinceEpoch: day.daysSinceEpoch + 1)
            days.first = Int64(start == since ? day.daysSinceEpoch : next.daysSinceEpoch)
            days.start = start == since ? start : zone.start(of: next).nanoseconds
        }
        if until != .max {
            let day = zone.day(of: Timestamp(nanoseconds: until))
            days.end = Int64(day.daysSinceEpoch)
            days.past = zone.start(of: day).nanoseconds
        }
        return days.first < days.end ? days : nil
    }

    /// Reads a range from quarter hours and, at its ends, from single charges.
    private mutating func addRange(from since: Int64, to until: Int64, _ zone: ZoneOffsets, _ grain: Grain) {
        guard since < until else { return }
        let unit = Self.quarter * Timestamp.nanosecondsPerSecond
        // Both bounds rounded into the range; what is cut off is read from charges.
        let first = since == .min ? Int64.min : -((-since).flooredQuotient(unit))
        let end = until == .max ? Int64.max : until.flooredQuotient(unit)
        let (start, isPastEnd) = first == .min ? (.min, false) : first.multipliedReportingOverflow(by: unit)
        let (past, isBeforeStart) = end == .max ? (.max, false) : end.multipliedReportingOverflow(by: unit)
        // The quarter hours in which time begins and ends are not whole.
        guard first < end, !isPastEnd, !isBeforeStart else {
            addCharges(from: since, to: until, zone, grain)
            return
        }
        addCharges(from: since, to: start, zone, grain)
        addSums(first: first, end: end, zone, grain)
        addCharges(from: past, to: until, zone, grain)
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
