import Metering
import Wire

/// The columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification, that a meter of model calls can fill.
///
/// One row for each day of UTC, kind of tokens and set of dimensions. The costs are list prices from the price sheets, for
/// nobody but the provider knows the bill; where a cost is not known the column is empty, never zero.
public struct FocusExport: Sendable {
    /// What a FOCUS row is cut by.
    public static let groups: [GroupKey] = [
        .period(.day), .dimension(.tenant), .dimension(.provider), .dimension(.model), .dimension(.harness),
        .dimension(.project), .dimension(.user), .dimension(.team), .dimension(.status),
    ]

    private let report: UsageReport

    /// Takes a report with rows by ``groups``, times in UTC.
    public init(_ report: UsageReport) {
        self.report = report
    }

    /// The rows as comma-separated values with a line of names first.
    public var csv: [UInt8] {
        var text = Self.columns.joined(separator: ",") + "\r\n"
        for row in report.rows {
            for meter in Meter.allCases {
                guard let values = Self.values(row, meter) else { continue }
                text += values.map(UsageReport.field).joined(separator: ",") + "\r\n"
            }
        }
        return Array(text.utf8)
    }

    /// The names of all columns, in order.
    public static let columns = [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
        "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost",
        "InvoiceIssuerName", "ListCost", "PricingCategory", "PricingCurrency", "PricingQuantity", "PricingUnit",
        "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter",
        "SubAccountId", "SubAccountName", "Tags", "x_Harness", "x_CostStatus",
    ]

    /// What is metered.
    private enum Meter: String, CaseIterable {
        case input = "Input Tokens"
        case cacheRead = "Cache Read Tokens"
        case cacheWrite = "Cache Write Tokens"
        case output = "Output Tokens"
        case fees = "Fees"
        case reported = "Reported Cost"

        /// How many tokens.
        func quantity(_ usage: Usage) -> Int64? {
            switch self {
            case .input: usage.tokens.uncachedInput
            case .cacheRead: usage.tokens.cacheRead
            case .cacheWrite: usage.tokens.allCacheWrites
            case .output: usage.tokens.output
            case .fees, .reported: nil
            }
        }

        func cost(_ usage: Usage) -> Int128 {
            switch self {
            case .input: usage.costParts.uncachedInput
            case .cacheRead: usage.costParts.cacheRead
            case .cacheWrite: usage.costParts.cacheWrite
            case .output: usage.costParts.output
            case .fees: usage.fees.picodollars
            case .reported: usage.reportedCost.picodollars
            }
        }
    }

    private static func values(_ row: UsageReport.Row, _ meter: Meter) -> [String]? {
        let label = Dictionary(uniqueKeysWithValues: zip(groups, row.labels))
        func text(_ dimension: Dimension) -> String { (label[.dimension(dimension)] ?? nil) ?? "" }
        let status = text(.status)
        // A cost that only a source knows is one row; where the price sheets know it, it would count twice.
        guard (status == "reported_only") == (meter == .reported) else { return nil }
        let (quantity, cost) = (meter.quantity(row.usage), meter.cost(row.usage))
        guard quantity ?? 0 != 0 || cost != 0 else { return nil }
        guard let day = (label[.period(.day)] ?? nil).flatMap({ CivilDay($0) }) else { return nil }
        let amount = status == "unpriced" ? "" : AmountTotal(picodollars: cost).description
        let unit = quantity == nil ? "" : "Tokens"
        let count = quantity.map { "\($0)" } ?? ""
        let (start, end) = (instant(day), instant(CivilDay(daysSinceEpoch: day.daysSinceEpoch + 1)))
        let month = billingMonth(of: day)
        let model = text(.model)
        let provider = text(.provider)
        return [
            amount, text(.tenant), text(.tenant), "USD", month.end, month.start, "Usage", "",
            "\(meter.rawValue) of \(model.isEmpty ? noneLabel : model)", "Usage-Based", end, start, count, unit, amount,
            amount, provider, amount, "Standard", "USD", count, unit, provider, provider, "AI and Machine Learning",
            provider.isEmpty ? noneLabel : provider, "Generative AI", model, meter.rawValue, text(.project),
            text(.project), tags(text(.user), text(.team)), text(.harness), status,
        ]
    }

    private static func instant(_ day: CivilDay) -> String { "\(day)T00:00:00Z" }

    private static func billingMonth(of day: CivilDay) -> (start: String, end: String) {
        let first = CivilDay(daysSinceEpoch: day.daysSinceEpoch - day.date.day + 1)
        // The 32nd day after the first lies in the next month, whatever its length.
        let later = CivilDay(daysSinceEpoch: first.daysSinceEpoch + 31)
        return (instant(first), instant(CivilDay(daysSinceEpoch: later.daysSinceEpoch - later.date.day + 1)))
    }

    private static func tags(_ user: String, _ team: String) -> String {
        var json = JSONWriter(capacity: 64)
        json.object { json in
            if !user.isEmpty { json.member("user", user) }
            if !team.isEmpty { json.member("team", team) }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
