public import Metering

/// Sums of the charges that share a time, a session and all dimensions: what the ledger hands to a report.
public struct UsageCell: Hashable, Sendable {
    /// The time, as finely as the plan asked.
    public var time: Time
    /// The session, where the plan asked for it.
    public var session: String?
    /// The dimensions.
    public var dimensions: DimensionValues
    /// The sums.
    public var usage: Usage

    /// The time of a cell.
    public enum Time: Hashable, Sendable {
        /// Any.
        case whole
        /// A local day.
        case day(CivilDay)
        /// A local hour: its first second since the Unix epoch, and the seconds east of UTC then.
        case hour(start: Int64, offset: Int64)

        /// The time of an instant at an offset.
        public init(_ seconds: Int64, offset: Int64, grain: ReadPlan.Grain) {
            switch grain {
            case .whole: self = .whole
            case .day: self = .day(CivilDay(daysSinceEpoch: Int((seconds + offset).flooredQuotient(86_400))))
            case .hour: self = .hour(start: (seconds + offset).flooredQuotient(3600) * 3600 - offset, offset: offset)
            }
        }
    }

    /// Makes a cell.
    public init(time: Time, session: String?, dimensions: DimensionValues, usage: Usage) {
        self.time = time
        self.session = session
        self.dimensions = dimensions
        self.usage = usage
    }
}
