public import Metering

/// A time zone as a table: which offset from UTC held from when on.
///
/// Offsets are whole quarter hours in every zone of the present, so quarter-hour sums can be cut at any local midnight.
public struct ZoneOffsets: Hashable, Sendable {
    /// The name, such as `Europe/Berlin`.
    public let name: String
    /// The spans, oldest first; the first reaches back for ever.
    private let spans: [Span]

    /// An offset and the instant it holds from.
    public struct Span: Hashable, Sendable {
        /// The first second it holds, since the Unix epoch.
        public var start: Int64
        /// Seconds east of UTC.
        public var offset: Int64

        /// Makes a span.
        public init(start: Int64, offset: Int64) {
            self.start = start
            self.offset = offset
        }
    }

    /// The quarter hours of one local day, counted from the Unix epoch, as stretches of one offset each.
    public func quarters(ofDay day: Int64) -> [(first: Int64, end: Int64, offset: Int64)] {
        let (local, next) = (day * 86_400, (day + 1) * 86_400)
        // No offset reaches a whole day.
        return stretches(from: local - 86_400, to: next + 86_400).compactMap { stretch in
            let low = max(stretch.start, local - stretch.offset)
            let high = min(stretch.end, next - stretch.offset)
            guard low < high else { return nil }
            return (low.flooredQuotient(ReadPlan.quarter), high.flooredQuotient(ReadPlan.quarter), stretch.offset)
        }
    }

    /// How a whole day of UTC falls on two local days.
    public struct DayParts: Hashable, Sendable {
        /// The local day that most of it falls on.
        public var day: Int64
        /// The local day that the rest falls on.
        public var otherDay: Int64
        /// The quarter hours of the rest, counted from the Unix epoch; empty when both days are the same.
        public var rest: Range<Int64>
    }

    /// How a day of UTC falls on local days at an offset: where there are sums by day of UTC, only the rest is to be moved.
    public static func parts(ofDay day: Int64, offset: Int64) -> DayParts {
        let perDay = 86_400 / ReadPlan.quarter
        let (start, end) = (day * perDay, (day + 1) * perDay)
        let local = (day * 86_400 + offset).flooredQuotient(86_400)
        let midnight = -(offset - (local + 1) * 86_400).flooredQuotient(ReadPlan.quarter)
        let cut = min(max(start, midnight), end)
        return cut - start >= end - cut
            ? DayParts(day: local, otherDay: local + 1, rest: cut..<end)
            : DayParts(day: local + 1, otherDay: local, rest: start..<cut)
    }

    /// A stretch of time with one offset; `nil` stands for no bound.
    public struct Stretch: Hashable, Sendable {
        /// The first second.
        public var start: Int64
        /// The second after the last.
        public var end: Int64
        /// Seconds east of UTC.
        public var offset: Int64
    }

    /// Makes a zone of an offset for all time and of later changes, oldest first.
    public init(name: String, offset: Int64, changes: [Span] = []) {
        self.name = name
        self.spans = [Span(start: .min, offset: offset)] + changes
    }

    /// Coordinated universal time.
    public static let utc = ZoneOffsets(name: "UTC", offset: 0)

    /// Seconds east of UTC at an instant.
    public func offset(at seconds: Int64) -> Int64 {
        var (low, high) = (0, spans.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if spans[middle].start <= seconds { low = middle } else { high = middle }
        }
        return spans[low].offset
    }

    /// The local date of an instant.
    public func day(of time: Timestamp) -> CivilDay {
        CivilDay(daysSinceEpoch: Int((time.seconds + offset(at: time.seconds)).flooredQuotient(86_400)))
    }

    /// The first second of a local day; where midnight is skipped, the first that follows.
    public func start(of day: CivilDay) -> Timestamp {
        let local = Int64(day.daysSinceEpoch) * 86_400
        for (index, span) in spans.enumerated() {
            let candidate = max(span.start, local - span.offset)
            if index + 1 == spans.count || candidate < spans[index + 1].start { return Timestamp(seconds: candidate) }
        }
        return Timestamp(seconds: local)
    }

    /// Cuts a stretch of time where the offset changes.
    public func stretches(from start: Int64, to end: Int64) -> [Stretch] {
        var result: [Stretch] = []
        for (index, span) in spans.enumerated() {
            let next = index + 1 < spans.count ? spans[index + 1].start : .max
            let (low, high) = (max(span.start, start), min(next, end))
            guard low < high else { continue }
            if let last = result.last, last.offset == span.offset {
                result[result.count - 1].end = high
            } else {
                result.append(Stretch(start: low, end: high, offset: span.offset))
            }
        }
        return result
    }
}

extension Int64 {
    /// The quotient rounded down, for a positive divisor.
    public func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
