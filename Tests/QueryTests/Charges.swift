import Foundation
import Ledger
import Metering
import Pipeline
import Reporting
import Wire

@testable import QueryService

/// Makes charges of tests from the few things a test is about.
enum Charges {
    static func charge(
        _ number: Int64, revision: Int64 = 1, session: String = "s1", harness: String = "claude-code",
        model: String? = "claude-opus-4-6", at seconds: Int64 = 1_795_176_000, output: Int64? = 10,
        reported: Int64? = nil,
        computed: Int64? = nil, quality: Call.Quality = .exact, isRetracted: Bool = false
    ) -> Charge {
        var call = Call(
            number: number, key: CallKey(space: "anthropic", kind: .request, value: "req_\(number)"),
            revision: revision,
            reason: revision == 1 ? .first : .update,
            scope: Scope(tenant: "default", harness: Harness(rawValue: harness), session: session),
            eventTime: Timestamp(seconds: seconds), tokens: TokenCounts(output: output), quality: quality)
        call.isRetracted = isRetracted
        call.model = model
        call.reportedCost = reported.map { Amount(picodollars: $0) }
        var rating = Rating(
            status: computed == nil ? .unpriced : .priced, cost: computed.map(Amount.init(picodollars:)))
        rating.costByClass = computed.map { [.output: Amount(picodollars: $0)] } ?? [:]
        return Charge(call: call, rating: rating)
    }

    /// What takes a charge back.
    static func retraction(_ number: Int64, revision: Int64, session: String = "s1") -> Charge {
        charge(number, revision: revision, session: session, model: nil, output: nil, isRetracted: true)
    }

    /// A transaction as it comes from a stream.
    static func incoming(_ charges: [Charge], stream: StreamID = StreamID(), sequence: Int64 = 1) -> IncomingTransaction
    {
        IncomingTransaction(
            stream: stream, sequence: sequence, byteCount: 1,
            charges: charges.map { charge in
                var writer = JSONWriter()
                writer.charge(charge)
                return IncomingCharge(entry: ChargeEntry(charge), text: writer.bytes[...])
            })
    }

    /// A frame with one event for each transaction.
    static func frame(_ transactions: [[Charge]], stream: StreamID, first: Int64, low: Int64 = 1) -> [UInt8] {
        Batch.encode(
            stream: stream.description, first: first, low: low,
            events: transactions.map { ChargeTransaction(charges: $0).json })
    }
}

/// A ledger in a folder of its own.
final class TestLedger {
    let path: String
    private(set) var ledger: SQLiteLedger
    private(set) var writer: SQLiteLedgerWriter

    /// Makes a ledger; `prepare` may lay a file of an earlier release where it will be.
    init(_ prepare: (_ path: String) throws -> Void = { _ in }) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-query-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/ledger.sqlite"
        try prepare(path)
        ledger = try SQLiteLedger(path: path)
        writer = try ledger.makeWriter()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: URL(filePath: path).deletingLastPathComponent().path)
    }

    /// Opens the files anew for reading alone.
    func reopenReaders() throws {
        ledger = try SQLiteLedger(path: path)
    }

    /// Opens the files anew, as after a restart.
    func reopen() throws {
        ledger = try SQLiteLedger(path: path)
        writer = try ledger.makeWriter()
    }

    /// Commits transactions.
    @discardableResult
    func commit(
        _ transactions: [[Charge]], at time: Timestamp = Timestamp(seconds: 1_795_200_000)
    ) throws -> LedgerCommit {
        var batch = LedgerBatch()
        batch.transactions = transactions.map { Charges.incoming($0) }
        return try writer.commit(batch, at: time)
    }

    /// The sum of everything for a request, and the sums by which it is known as well.
    func totals(_ query: String = "") async throws -> Usage {
        try await report(query).totals
    }

    /// The request of a query.
    func request(_ query: String) throws -> UsageRequest {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
            return (name: parts[0], value: parts[1])
        }
        return try UsageRequest(RequestParameters(pairs), zone: TimeZones.offsets)
    }

    /// The report for a query.
    func report(_ query: String) async throws -> UsageReport {
        let request = try request(query)
        return UsageReport(request, cells: try await ledger.cells(ReadPlan(request), filter: request.filter).cells)
    }

    /// Every change that the ledger has.
    func changes() async throws -> [Change] {
        try await ledger.changes(after: 0, limit: 1_000_000).changes.filter { !$0.isEmpty }.map { text in
            var reader = JSONReader(text)
            return try Change(from: &reader)
        }
    }
}
