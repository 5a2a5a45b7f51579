public import Metering

/// How much may be used in a period, by whom.
public struct Budget: Hashable, Sendable {
    /// Its name, which is part of a path: letters, digits, `-`, `_` and `.`.
    public var name: String
    /// How much may be used.
    public var limit: Limit
    /// How long it lasts before it begins anew.
    public var period: Period
    /// Whether every session or user has it for itself; `nil`: all together.
    public var split: Split?
    /// Whose usage counts.
    public var filter: UsageFilter
    /// The zone its periods are cut in.
    public var zone: String?
    /// The day a week begins with.
    public var weekStart: WeekStart
    /// From which part of the limit on it warns, in percent.
    public var warningPercent: Int64
    /// Which cost counts.
    public var cost: CostMode
    /// Where crossings are told, beside what the operator set for all; only a file can say it, never the API, so that who
    /// may ask cannot make the service call a place of their choice.
    public var webhook: String?

    /// How much may be used.
    public enum Limit: Hashable, Sendable {
        /// Money.
        case cost(AmountTotal)
        /// All tokens, input and output.
        case tokens(Int64)
    }

    /// How long a budget lasts before it begins anew.
    public enum Period: String, CaseIterable, Hashable, Sendable {
        case day, week, month
        /// For ever; of sessions, those active in the last day are looked at.
        case all
    }

    /// What a budget may be given to each of.
    public enum Split: Hashable, Sendable {
        case session
        case dimension(Dimension)

        /// The name, as requests write it.
        public var name: String {
            switch self {
            case .session: "session"
            case .dimension(let dimension): dimension.rawValue
            }
        }

        /// Reads a name; `nil` for anything else.
        public init?(_ name: String) {
            if name == "session" {
                self = .session
            } else {
                guard let dimension = Dimension(rawValue: name) else { return nil }
                self = .dimension(dimension)
            }
        }
    }

    /// Makes a budget over everything; set what differs.
    public init(name: String, limit: Limit, period: Period) {
        self.name = name
        self.limit = limit
        self.period = period
        filter = UsageFilter()
        weekStart = .monday
        warningPercent = 80
        cost = .auto
    }

    /// Whether a text can name a budget.
    public static func isName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// What a crossing is remembered by besides the period: a changed limit warns again.
    public var fingerprint: String {
        switch limit {
        case .cost(let amount): "cost \(amount) \(warningPercent)"
        case .tokens(let tokens): "tokens \(tokens) \(warningPercent)"
        }
    }
}

/// One period of a budget.
public struct BudgetWindow: Hashable, Sendable {
    /// The first instant; `nil` from the beginning.
    public var start: Timestamp?
    /// The instant after the last; `nil` to the end.
    public var end: Timestamp?

    /// The period that a moment lies in.
    public init(_ budget: Budget, at now: Timestamp, in zone: ZoneOffsets) {
        let today = zone.day(of: now)
        let first: CivilDay
        let next: CivilDay
        switch budget.period {
        case .all: return
        case .day:
            first = today
            next = CivilDay(daysSinceEpoch: first.daysSinceEpoch + 1)
        case .week:
            let past = (today.weekday - budget.weekStart.weekday + 7) % 7
            first = CivilDay(daysSinceEpoch: today.daysSinceEpoch - past)
            next = CivilDay(daysSinceEpoch: first.daysSinceEpoch + 7)
        case .month:
            let date = today.date
            first = CivilDay(daysSinceEpoch: today.daysSinceEpoch - date.day + 1)
            let length = CivilDay.length(ofMonth: date.month, year: date.year)
            next = CivilDay(daysSinceEpoch: first.daysSinceEpoch + length)
        }
        start = zone.start(of: first)
        end = zone.start(of: next)
    }
}

extension Budget {
    /// What has to be read to know how far it is used in a period.
    public func request(_ window: BudgetWindow, in zone: ZoneOffsets) -> UsageRequest {
        var request = UsageRequest(zone: zone)
        request.filter = filter
        request.since = window.start
        request.until = window.end
        request.cost = cost
        switch split {
        case nil: break
        case .session: request.groups = [.session]
        case .dimension(let dimension): request.groups = [.dimension(dimension)]
        }
        return request
    }
}
