public import Ledger
public import LocalHTTP
import Metering
import Wire

/// The ledger as a subscriber sees it: every change applied, the newest version of each call kept.
public struct LedgerView: Sendable {
    /// The last change applied.
    public private(set) var sequence: Int64 = 0
    /// The changes' epoch.
    public private(set) var epoch: String?
    private var charges: [CallKey: Charge] = [:]
    private var versions: [CallKey: ChargeVersion] = [:]

    /// Makes a view of nothing.
    public init() {}

    /// Applies a change as JSON text; one that is older than what is known changes nothing.
    public mutating func apply(_ json: [UInt8]) throws {
        var reader = JSONReader(json)
        apply(try Change(from: &reader))
    }

    /// The number of a change.
    public static func sequence(of json: [UInt8]) throws -> Int64 {
        var reader = JSONReader(json)
        return try Change(from: &reader).sequence
    }

    private mutating func apply(_ change: Change) {
        sequence = max(sequence, change.sequence)
        epoch = change.epoch
        let call = change.charge.call
        guard change.charge.version > versions[call.key] ?? .none else { return }
        versions[call.key] = change.charge.version
        charges[call.key] = call.isRetracted ? nil : change.charge
    }

    /// Reads all changes that follow what is known over `/v1/changes`.
    public mutating func catchUp(from address: HTTPAddress) throws {
        var connection = HTTPConnection(to: address, timeout: .seconds(60))
        while true {
            let response = try connection.send(.get("/v1/changes?after=\(sequence)&limit=1000"))
            guard response.isSuccess else { throw SupportFailure("/v1/changes answered \(response.status)") }
            var count = 0
            var reader = JSONReader(response.body)
            try reader.object { key, json throws(JSONError) in
                guard key.string == "changes" else { return try json.skip() }
                try json.array { json throws(JSONError) in
                    apply(try Change(from: &json))
                    count += 1
                }
            }
            if count == 0 { return }
        }
    }

    /// The calls that stand; those of fences, which tests send to see that all before has come through, are left out.
    public var calls: [Charge] {
        charges.values.filter { !$0.call.scope.session.hasPrefix(TelemetryGenerator.fencePrefix) }
    }

    /// Whether a session has a call that stands.
    public func hasSession(_ session: String) -> Bool {
        charges.values.contains { $0.call.scope.session == session }
    }

    /// Books by session and model: tokens, calls and computed cost.
    public var books: Books {
        var books = Books()
        for charge in calls {
            let call = charge.call
            var tally = Tally()
            tally.calls = call.quality == .aggregate ? 0 : 1
            tally.uncachedInput = call.tokens.uncachedInput ?? 0
            tally.cacheRead = call.tokens.cacheRead ?? 0
            tally.cacheWrite5m = call.tokens.cacheWrite5m ?? 0
            tally.cacheWrite1h = call.tokens.cacheWrite1h ?? 0
            tally.cacheWrite = call.tokens.cacheWrite ?? 0
            tally.output = call.tokens.output ?? 0
            tally.picodollars = Int128(charge.rating.cost?.picodollars ?? 0)
            guard !tally.isEmpty else { continue }
            books.add(tally, to: Books.Account(session: call.scope.session, model: call.model ?? "(none)"))
        }
        return books
    }

    /// The sum of reported costs, in picodollars.
    public var reportedPicodollars: Int128 {
        calls.reduce(0) { $0 + Int128($1.call.reportedCost?.picodollars ?? 0) }
    }
}
