import Metering
import Pipeline
import Reporting

/// The writer's side of a ledger: one batch, one transaction.
///
/// This and ``LedgerReading`` are all that the service knows of a store, so that a server database can take SQLite's place.
protocol LedgerWriting: AnyObject {
    /// The identity of the ledger; its numbers mean nothing in another.
    var epoch: String { get }
    /// The number of the last change.
    var lastSequence: Int64 { get }
    /// How far each stream was taken in.
    func windows() throws -> [StreamID: UnorderedReceiveWindow]
    /// What was counted about deliveries since the ledger was made, by the names of ``DeliveryCounter``.
    func counters() throws -> [String: Int64]
    /// Stores a batch, all or nothing; once it returns the batch survives a power loss.
    ///
    /// - Throws: anything: the caller must exit and start again from what is durable.
    func commit(_ batch: LedgerBatch, at time: Timestamp) throws -> LedgerCommit
}

/// The readers' side of a ledger: short transactions that never hold up the writer.
protocol LedgerReading: Sendable {
    /// The identity of the ledger.
    var epoch: String { get }
    /// The number of the last change.
    func lastSequence() async throws -> Int64
    /// Changes after a number as JSON text, in order and without a gap, and the number of the last change.
    ///
    /// In the place of changes that were removed stands nothing, as in that of those the reader may not see.
    func changes(after sequence: Int64, limit: Int) async throws -> (changes: [[UInt8]], last: Int64)
    /// Sums for a plan, all read at one moment, and the number of the last change they take in.
    func cells(_ plan: ReadPlan, filter: UsageFilter) async throws -> (cells: [UsageCell], last: Int64)
    /// Charges with event times in a range (`nil`: all) and, where given, of one session, upper and lower case alike.
    func charges(
        since: Timestamp?, until: Timestamp?, session: String?, _ visit: @escaping @Sendable ([ChargeRecord]) -> Void
    ) async throws -> Int64
    /// Usage cut into blocks of some hours, oldest first, and the number of the last change they take in.
    ///
    /// Blocks that began before the range asked for may come with them.
    func blocks(_ request: BlockRequest, at now: Timestamp) async throws -> (blocks: [ActivityBlock], last: Int64)
    /// Sessions, last active first.
    func sessions(_ request: SessionListRequest) async throws -> (sessions: [SessionSummary], last: Int64)
    /// The sessions of one name, one for each tenant and harness that used it.
    func sessions(named name: String) async throws -> (sessions: [SessionSummary], last: Int64)
    /// The changes with these numbers, as JSON text.
    func changes(numbered sequences: [Int64]) async throws -> [[UInt8]]
    /// The changes that made charges what they are, in the order of the charges' numbers, one page.
    func changes(of request: ChargeListRequest) async throws -> (changes: [(number: Int64, body: [UInt8])], last: Int64)
    /// A call's charge with all its revisions; `nil` if there is none.
    ///
    /// - Parameter tenant: whose call; `nil` for whoever has one of this key.
    /// - Throws: ``ChargeTextRemoved`` where the call counts, and what it was told by was removed.
    func explanation(of key: CallKey, tenant: String?) async throws -> (explanation: Explanation, last: Int64)?
    /// Reconciliation records, newest first.
    func reconciliations(_ request: ReconciliationRequest) async throws -> (
        records: [StoredReconciliation], last: Int64
    )
    /// Changes as the reader may see them: nothing in the place of those it may not.
    func visible(_ changes: [[UInt8]]) -> [[UInt8]]
    /// What was ever added to the totals and taken away again, by dimensions.
    func movements() async throws -> [Movement]
    /// Which changes were removed because they were old, by tenant.
    func removedChanges() async throws -> [String: RemovedChanges]
}

extension LedgerReading {
    /// Changes as the reader may see them: nothing in the place of those it may not.
    func visible(_ changes: [[UInt8]]) -> [[UInt8]] { changes }

    /// The removed changes of all tenants whom the reader sees; `nil` where there are none.
    func removed() async throws -> RemovedChanges? {
        try await removedChanges().values.reduce(nil as RemovedChanges?) { $0?.joined($1) ?? $1 }
    }

    /// A call's charge with all its revisions, whoever's it is.
    func explanation(of key: CallKey) async throws -> (explanation: Explanation, last: Int64)? {
        try await explanation(of: key, tenant: nil)
    }
}

/// A call counts, but the texts by which it could be explained were removed because they were old.
struct ChargeTextRemoved: Error {}

/// The newest reconciliation record of a scope.
struct StoredReconciliation: Sendable {
    /// The ledger's row.
    let id: Int64
    /// When the ledger stored it.
    let recorded: Timestamp
    /// The record as JSON text.
    let body: [UInt8]
}

/// What was ever added to the totals of one set of dimensions, and what was taken away; both only grow.
struct Movement: Sendable {
    let dimensions: DimensionValues
    var added = Usage()
    var removed = Usage()
}
