public import Metering

/// How far the sheets' prices are from what sources reported, by local day and model.
///
/// Where each charge has both costs they are compared one by one. In a session whose cost is reported by an aggregate, all
/// that was reported is compared with all that was computed: neither side names the calls of the other.
public struct Drift: Sendable {
    /// What is compared with what.
    public enum Basis: String, CaseIterable, Hashable, Sendable {
        /// Each charge's reported cost with its computed one.
        case charge
        /// A session's reported costs with the computed costs of its calls.
        case session
    }

    /// What a row is about.
    public struct Key: Hashable, Comparable, Sendable {
        /// The local day.
        public let day: CivilDay
        /// The model; `nil` where none was named.
        public let model: String?
        /// What is compared with what.
        public let basis: Basis

        /// Orders by day, model and basis.
        public static func < (left: Key, right: Key) -> Bool {
            (left.day, left.model ?? "", left.basis.rawValue) < (right.day, right.model ?? "", right.basis.rawValue)
        }
    }

    /// Both costs of some charges.
    public struct Figures: Hashable, Sendable {
        /// The charges compared.
        public var charges: Int64 = 0
        /// What the sources reported.
        public var reported = AmountTotal.zero
        /// What the sheets say.
        public var computed = AmountTotal.zero
        /// Charges with tokens that no sheet prices: their reported cost is left out of a comparison by charge.
        public var unpriced: Int64 = 0
        /// Charges whose price may lie below a tier that an aggregate cannot show.
        public var estimated: Int64 = 0

        /// What was reported beyond what was computed; below zero where it is less.
        public var difference: AmountTotal {
            AmountTotal(picodollars: reported.picodollars - computed.picodollars)
        }

        /// The difference as percent of the computed cost, two digits, rounded half to even; `nil` without one.
        public var percent: String? {
            guard computed.picodollars > 0 else { return nil }
            var (hundredths, rest) = (difference.picodollars * 10_000)
                .quotientAndRemainder(dividingBy: computed.picodollars)
            rest = 2 * (rest < 0 ? -rest : rest)
            if rest > computed.picodollars || (rest == computed.picodollars && hundredths % 2 != 0) {
                hundredths += difference.picodollars < 0 ? -1 : 1
            }
            return AmountTotal(picodollars: hundredths * 10_000_000_000).rounded(toDigits: 2)
        }

        static func += (left: inout Figures, right: Figures) {
            left.charges += right.charges
            left.reported += right.reported
            left.computed += right.computed
            left.unpriced += right.unpriced
            left.estimated += right.estimated
        }
    }

    /// The rows, in no order.
    public private(set) var rows: [Key: Figures] = [:]
    let request: DriftRequest

    /// Starts with nothing compared.
    public init(_ request: DriftRequest) {
        self.request = request
    }

    /// The sum of all rows.
    public var totals: Figures {
        rows.values.reduce(into: Figures()) { $0 += $1 }
    }

    /// Takes a charge in.
    public mutating func add(_ record: ChargeRecord) {
        let facts = record.facts
        guard facts.marks.contains(.counted), request.filter.admits(record.dimensions) else { return }
        guard request.filter.sessions.isEmpty || request.filter.sessions.contains(record.session) else { return }
        var figures = Figures()
        figures.charges = 1
        if facts.marks.contains(.unpriced) { figures.unpriced = 1 }
        if facts.marks.contains(.estimated) { figures.estimated = 1 }
        let basis: Basis
        switch record.rule {
        case .perCharge:
            guard let reported = facts.reportedCost else { return }
            basis = .charge
            if let computed = facts.computedCost {
                figures.reported = AmountTotal(picodollars: Int128(reported.picodollars))
                figures.computed = AmountTotal(picodollars: Int128(computed.picodollars))
            }
        case .reportedAlone:
            basis = .session
            figures.reported = AmountTotal(picodollars: Int128(facts.reportedCost?.picodollars ?? 0))
            figures.computed = AmountTotal(picodollars: Int128(facts.computedCost?.picodollars ?? 0))
        }
        let key = Key(day: request.zone.day(of: record.eventTime), model: record.dimensions[.model], basis: basis)
        rows[key, default: Figures()] += figures
    }
}
