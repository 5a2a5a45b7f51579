import Ledger
import Metering
import Reporting

/// Makes cells and charges of tests from the few things a test is about.
enum Samples {
    static func dimensions(_ values: [Dimension: String] = [:]) -> DimensionValues {
        DimensionValues(values: Dimension.allCases.map { values[$0] })
    }

    static func charge(
        _ number: Int64 = 1, harness: String = "claude-code", session: String = "s1",
        model: String? = "claude-sonnet-4-5",
        at time: String = "2026-06-11T10:00:00Z", tokens: TokenCounts = TokenCounts(), reported: String? = nil,
        computed: String? = nil, quality: Call.Quality = .exact
    ) throws -> Charge {
        guard let instant = Timestamp(rfc3339: time) else { throw SampleError.time(time) }
        var call = Call(
            number: number, key: CallKey(space: "test", kind: .request, value: "\(number)"), revision: 1,
            reason: .first,
            scope: Scope(tenant: "default", harness: Harness(rawValue: harness), session: session), eventTime: instant,
            tokens: tokens, quality: quality)
        call.model = model
        call.reportedCost = reported.flatMap { Amount(dollars: $0) }
        let cost = computed.flatMap { Amount(dollars: $0) }
        return Charge(call: call, rating: Rating(status: cost == nil ? .unpriced : .priced, cost: cost))
    }

    static func record(_ charge: Charge, rule: ScopeCostRule = .perCharge) -> ChargeRecord {
        ChargeRecord(
            number: charge.call.number, sequence: charge.call.number, session: charge.call.scope.session,
            isSessionKnown: charge.call.scope.isSessionKnown, dimensions: DimensionValues(charge),
            run: charge.call.attribution.ciRun, eventTime: charge.call.eventTime, facts: ChargeFacts(charge), rule: rule
        )
    }

    static func parameters(_ query: String) -> RequestParameters {
        RequestParameters(
            query.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
                return (name: parts[0], value: parts.count == 2 ? parts[1] : "")
            })
    }

    /// Berlin around the changes of 2026: forward on 29 March, back on 25 October, at 01:00 UTC.
    static let berlin = ZoneOffsets(
        name: "Europe/Berlin", offset: 3600,
        changes: [.init(start: 1_774_746_000, offset: 7200), .init(start: 1_792_890_000, offset: 3600)])

    /// India, half an hour off.
    static let kolkata = ZoneOffsets(name: "Asia/Kolkata", offset: 19_800)

    /// Beirut sets its clocks forward at midnight, on 29 March 2026.
    static let beirut = ZoneOffsets(
        name: "Asia/Beirut", offset: 7200, changes: [.init(start: 1_774_735_200, offset: 10_800)])

    static func zone(_ name: String) -> ZoneOffsets? {
        [ZoneOffsets.utc, berlin, kolkata, beirut].first { $0.name == name }
    }
}

enum SampleError: Error {
    case time(String)
}
