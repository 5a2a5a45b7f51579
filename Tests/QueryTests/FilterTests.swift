import Ledger
import Metering
import Reporting
import Testing
import Wire

@testable import QueryService

/// Whatever charges are filtered by, and whatever they are grouped by beside, the sums are those of the charges that pass.
@Suite(.timeLimit(.minutes(30))) struct `Every filter with every grouping` {
    private static let start: Int64 = 1_795_176_000
    /// No range, one of whole days, one that cuts days and quarter hours.
    private static let ranges = [
        "", "since=2026-11-21&until=2026-11-22", "since=2026-11-21T07:03:05Z&until=2026-11-22T18:44:01Z",
    ]

    /// Charges over three days; of every dimension some have a value, some another, some none where there can be none.
    private static func charges() -> [Charge] {
        var random = SplitMix(seed: 11)
        func pick(_ values: String?...) -> String? { values.randomElement(using: &random) ?? nil }
        return (1...90 as ClosedRange<Int64>).map { number in
            var charge = Charges.charge(
                number, session: pick("s1", "s2", "s3") ?? "s1", harness: pick("claude-code", "codex") ?? "codex",
                model: pick("claude-opus-4-6", "gpt-5", nil),
                at: start + Int64.random(in: -100_000...160_000, using: &random),
                output: .random(in: 1...5000, using: &random),
                computed: number % 3 == 0 ? nil : Int64.random(in: 1...4_000_000_000_000, using: &random),
                quality: number % 7 == 0 ? .merged : .exact)
            charge.call.provider = pick("anthropic", "openai", nil).map { Provider(rawValue: $0) }
            charge.call.attribution.project = pick("meter", "site", nil)
            charge.call.attribution.repository = pick("github.com/a/b", nil)
            charge.call.attribution.branch = pick("main", "next", nil)
            charge.call.attribution.user = pick("ada", "grace", nil)
            charge.call.attribution.team = pick("core", nil)
            charge.call.attribution.host = pick("h1", "h2")
            charge.call.attribution.agentName = pick("explore", nil)
            charge.call.attribution.caller = pick("lead", "subagent", nil)
            charge.call.evidence = Evidence(items: [
                Evidence.Item(
                    observation: ContentID(high: 1, low: UInt64(number)), channel: number % 2 == 0 ? .log : .span,
                    eventTime: charge.call.eventTime, tokens: charge.call.tokens, cost: nil, verdict: .counted,
                    rule: "sole-report")
            ])
            return charge
        }
    }

    /// A value of a dimension or of sessions to filter by, as it stands in a query.
    private static func filters(_ charges: [Charge]) -> [(name: String, value: String)] {
        [("session", "s2")]
            + Dimension.allCases.flatMap { dimension in
                Set(charges.map { DimensionValues($0)[dimension] ?? noneLabel }).sorted().prefix(2)
                    .map { (dimension.rawValue, $0) }
            }
    }

    private static func value(_ charge: Charge, _ name: String) -> String? {
        name == "session"
            ? charge.call.scope.session : Dimension(rawValue: name).flatMap { DimensionValues(charge)[$0] }
    }

    private static func passing(_ charges: [Charge], _ filter: (name: String, value: String)) -> [Charge] {
        charges.filter { (value($0, filter.name) ?? noneLabel) == filter.value }
    }

    private static func sum(_ charges: [Charge]) -> Usage {
        charges.reduce(into: Usage()) { $0 += ChargeFacts($1).usage(.perCharge) }
    }

    @Test func `gives the sums of the charges that pass`() async throws {
        let charges = Self.charges()
        let test = try TestLedger()
        try test.commit(charges.map { [$0] })
        for range in Self.ranges {
            for filter in Self.filters(charges) {
                for grouping in [""] + GroupKey.allNames {
                    let query = [
                        range, "\(filter.name)=\(filter.value)", grouping.isEmpty ? "" : "group_by=\(grouping)",
                    ].filter { !$0.isEmpty }.joined(separator: "&")
                    try await check(test, Self.passing(charges, filter), grouping, query)
                }
            }
        }
    }

    private func check(_ test: TestLedger, _ charges: [Charge], _ grouping: String, _ query: String) async throws {
        let request = try test.request(query)
        let within = charges.filter { charge in
            charge.call.eventTime >= request.since ?? Timestamp(nanoseconds: .min)
                && charge.call.eventTime < request.until ?? Timestamp(nanoseconds: .max)
        }
        let cells = try await test.ledger.cells(ReadPlan(request), filter: request.filter).cells
        let report = UsageReport(request, cells: cells)
        #expect(report.totals == Self.sum(within), "\(query)")
        // Nothing is left in cells but what they are told apart by, whichever way they were read.
        for dimension in Dimension.allCases where dimension.rawValue != grouping {
            #expect(cells.allSatisfy { $0.dimensions[dimension] == nil }, "\(query) leaves \(dimension)")
        }
        guard grouping == "session" || Dimension(rawValue: grouping) != nil else { return }
        let expected = Dictionary(grouping: within) { Self.value($0, grouping) }
        #expect(Set(report.rows.map { $0.labels[0] }) == Set(expected.keys), "\(query)")
        for row in report.rows {
            #expect(row.usage == Self.sum(expected[row.labels[0]] ?? []), "\(query)")
        }
    }

    @Test func `makes budgets of them that count the charges that pass`() async throws {
        let charges = Self.charges()
        let test = try TestLedger()
        try test.commit(charges.map { [$0] })
        let book = try BudgetBook(
            store: try BudgetStore(path: test.path + ".budgets"), file: nil, webhook: nil, zone: .utc)
        let now = Timestamp(seconds: Self.start + 40_000)
        for period in [Budget.Period.day, .all] {
            for filter in Self.filters(charges) {
                for split in ["", "session"] + Dimension.allCases.map(\.rawValue) {
                    let per = split.isEmpty ? "" : #","per":"\#(split)""#
                    let text =
                        #"{"name":"b","limit_usd":"1","period":"\#(period.rawValue)","#
                        + #""match":{"\#(filter.name)":"\#(filter.value)"}\#(per)}"#
                    var json = JSONReader(text)
                    let budget = try Budget(from: &json, isFile: false) { _ in true }
                    let status = try await book.status(budget, at: now, in: test.ledger)
                    let within = Self.passing(charges, filter).filter { charge in
                        charge.call.eventTime >= status.window.start ?? Timestamp(nanoseconds: .min)
                            && charge.call.eventTime < status.window.end ?? Timestamp(nanoseconds: .max)
                    }
                    let expected = Dictionary(grouping: within) { charge in
                        split.isEmpty ? nil : Self.value(charge, split) ?? noneLabel
                    }
                    let found = Dictionary(uniqueKeysWithValues: status.entries.map { ($0.key, $0.usage) })
                    let wanted =
                        split.isEmpty ? [nil: Self.sum(within)] : expected.mapValues { Self.sum($0) }
                    #expect(found == wanted, "\(text)")
                }
            }
        }
    }
}
