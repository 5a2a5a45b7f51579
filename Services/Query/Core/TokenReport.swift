public import Metering

/// Usage in the form of Beacon's `/api/tokens`.
///
/// Total tokens, which order the groups, are input, output, cache reads and cache writes; reasoning is inside output.
public struct TokenReport: Hashable, Sendable {
    /// What was asked.
    public let request: TokenReportRequest
    /// The sum of all events.
    public private(set) var totals = Sums()
    /// How many events were looked at, those without usage included.
    public private(set) var totalEvents: Int64 = 0
    private(set) var models: [String: Sums] = [:]
    private(set) var sessions: [String: Sums] = [:]
    private(set) var harnesses: [String: Sums] = [:]
    private(set) var repositories: [String: Sums] = [:]
    private(set) var runs: [String: Sums] = [:]
    private(set) var series: [Int64: Sums] = [:]
    private var inputs: [String: [Int64]] = [:]

    /// Tokens, cost and how many events they are of.
    public struct Sums: Hashable, Sendable {
        /// Tokens by class.
        public var tokens = TokenSums()
        /// The cost.
        public var cost = AmountTotal.zero
        /// How many events carry usage.
        public var events: Int64 = 0
        /// Those of them whose cost is not known, which ``cost`` leaves out.
        public var withoutCost = Usage.Share()

        /// Makes sums of nothing.
        public init() {}

        static func += (left: inout Sums, right: Sums) {
            left.tokens += right.tokens
            left.cost += right.cost
            left.events += right.events
            left.withoutCost += right.withoutCost
        }
    }

    /// Starts with nothing.
    public init(_ request: TokenReportRequest) {
        self.request = request
    }

    /// Adds a charge if the request admits it; retracted ones are left out.
    public mutating func add(_ record: ChargeRecord) {
        guard record.facts.marks.contains(.counted), request.admits(record) else { return }
        totalEvents += 1
        guard let sums = Sums(record, request.cost) else { return }
        totals += sums
        models.add(sums, to: record.dimensions[.model])
        sessions.add(sums, to: record.isSessionKnown ? record.session : nil)
        harnesses.add(sums, to: record.dimensions[.harness])
        repositories.add(sums, to: record.dimensions[.repository])
        runs.add(sums, to: record.run)
        if let bucket = request.bucket {
            series[Self.start(of: bucket, record.eventTime.seconds), default: Sums()] += sums
        }
        // A sum over several calls says nothing about how full one context was.
        guard record.facts.marks.contains(.call), let model = record.dimensions[.model], sums.tokens.input > 0 else {
            return
        }
        inputs[model, default: []].append(sums.tokens.input)
    }

    /// Groups by total tokens, largest first, then by key, as many as asked for.
    func ranked(_ groups: [String: Sums]) -> [(key: String, sums: Sums)] {
        let sorted = groups.sorted { left, right in
            let (first, second) = (left.value.tokens.total, right.value.tokens.total)
            return first == second ? left.key < right.key : first > second
        }
        return sorted.prefix(request.top ?? .max).map { (key: $0.key, sums: $0.value) }
    }

    /// How full the contexts of each model's calls were, by model.
    public var utilization: [ContextUse] {
        inputs.sorted { $0.key < $1.key }.map { ContextUse(model: $0.key, inputs: $0.value) }
    }

    /// Beacon truncates as Go does: from the year 1, so that weeks begin on Monday.
    private static func start(of bucket: Int64, _ seconds: Int64) -> Int64 {
        let sinceYearOne = seconds + 62_135_596_800
        return seconds - sinceYearOne % bucket
    }
}

extension TokenReport.Sums {
    /// The sums of one charge; `nil` where it carries no usage.
    init?(_ record: ChargeRecord, _ mode: CostMode) {
        let usage = record.facts.usage(record.rule)
        cost = usage.cost(mode)
        tokens = usage.tokens
        events = 1
        withoutCost = usage.withoutCost(mode)
        guard record.facts.tokens.hasUsage || cost != .zero else { return nil }
    }
}

extension [String: TokenReport.Sums] {
    fileprivate mutating func add(_ sums: TokenReport.Sums, to key: String?) {
        guard let key, !key.isEmpty else { return }
        self[key, default: TokenReport.Sums()] += sums
    }
}
