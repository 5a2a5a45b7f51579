import Metering

/// How far a budget is used.
public struct BudgetStatus: Hashable, Sendable {
    /// How a budget stands, best first.
    public enum State: String, CaseIterable, Hashable, Comparable, Sendable {
        case ok, warning, exceeded

        /// Orders from best to worst.
        public static func < (left: State, right: State) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .exceeded: 2
            }
        }
    }

    /// The usage of one of those who have the budget.
    public struct Entry: Hashable, Sendable {
        /// The session, user, ...; `nil` where all have it together.
        public var key: String?
        /// What was used.
        public var usage: Usage
        /// The part of the limit that was used, in millionths.
        public var usedMillionths: Int128
        /// How it stands.
        public var state: State
    }

    /// The budget.
    public let budget: Budget
    /// The zone its period was cut in.
    public let zone: String
    /// The period.
    public let window: BudgetWindow
    /// Those who have it, who used most first.
    public let entries: [Entry]

    /// Judges what was used.
    ///
    /// - Parameter cells: what ``Budget/request(_:in:)`` asked for, which the budget's filter has let pass already; they
    ///   hold the dimension it is split by and no other.
    public init(_ budget: Budget, _ window: BudgetWindow, zone: ZoneOffsets, cells: some Sequence<UsageCell>) {
        var sums: [String?: Usage] = budget.split == nil ? [nil: Usage()] : [:]
        for cell in cells {
            let key: String? =
                switch budget.split {
                case nil: nil
                case .session: cell.session ?? noneLabel
                case .dimension(let dimension): cell.dimensions[dimension] ?? noneLabel
                }
            sums[key, default: Usage()] += cell.usage
        }
        self.budget = budget
        self.zone = zone.name
        self.window = window
        let judged = sums.map { budget.entry($0.key, $0.value) }
        entries = judged.filter { $0.key == nil || !$0.usage.isZero }.sorted { left, right in
            left.usedMillionths == right.usedMillionths
                ? (left.key ?? "") < (right.key ?? "") : left.usedMillionths > right.usedMillionths
        }
    }

    /// The worst state of all.
    public var state: State { entries.map(\.state).max() ?? .ok }

    /// The largest part of the limit that anyone used, in millionths.
    public var usedMillionths: Int128 { entries.map(\.usedMillionths).max() ?? 0 }
}

extension Budget {
    fileprivate func entry(_ key: String?, _ usage: Usage) -> BudgetStatus.Entry {
        let (used, limit) = measure(usage)
        let state: BudgetStatus.State =
            if used > limit {
                .exceeded
            } else if used > 0, used * 100 >= limit * Int128(warningPercent) {
                .warning
            } else {
                .ok
            }
        return BudgetStatus.Entry(
            key: key, usage: usage, usedMillionths: Self.millionths(used, of: limit), state: state)
    }

    private func measure(_ usage: Usage) -> (used: Int128, limit: Int128) {
        switch limit {
        case .cost(let limit): (usage.cost(cost).picodollars, limit.picodollars)
        case .tokens(let limit): (Int128(usage.tokens.total), Int128(limit))
        }
    }

    /// Limits are at most a quadrillion dollars, so the product stays far from overflowing.
    private static func millionths(_ used: Int128, of limit: Int128) -> Int128 {
        guard limit > 0 else { return used > 0 ? 1_000_000 : 0 }
        return used * 1_000_000 / limit
    }
}
