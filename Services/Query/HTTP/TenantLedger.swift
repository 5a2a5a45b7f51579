import Access
import Metering
import Reporting
import Wire

/// The ledger as the key of a request may see it: one tenant's part.
///
/// The HTTP interface is given this and nothing behind it, so that no route can show another tenant's figures, whatever it
/// asks for. Where keys are asked for and a request has none, nothing is shown.
struct TenantLedger: LedgerReading {
    let base: any LedgerReading
    let view: TenantView

    var epoch: String { base.epoch }

    func lastSequence() async throws -> Int64 { try await base.lastSequence() }

    func changes(after sequence: Int64, limit: Int) async throws -> (changes: [[UInt8]], last: Int64) {
        let page = try await base.changes(after: sequence, limit: limit)
        return (view.masked(page.changes), page.last)
    }

    func cells(_ plan: ReadPlan, filter: UsageFilter) async throws -> (cells: [UsageCell], last: Int64) {
        try await base.cells(plan, filter: view.narrowed(filter))
    }

    func charges(
        since: Timestamp?, until: Timestamp?, session: String?, _ visit: @escaping @Sendable ([ChargeRecord]) -> Void
    ) async throws -> Int64 {
        let visibility = view.visibility
        return try await base.charges(since: since, until: until, session: session) { records in
            visit(records.filter { visibility.admits($0.dimensions[.tenant]) })
        }
    }

    func blocks(_ request: BlockRequest, at now: Timestamp) async throws -> (blocks: [ActivityBlock], last: Int64) {
        var request = request
        request.filter = view.narrowed(request.filter)
        return try await base.blocks(request, at: now)
    }

    func sessions(_ request: SessionListRequest) async throws -> (sessions: [SessionSummary], last: Int64) {
        var request = request
        request.filter = view.narrowed(request.filter)
        return try await base.sessions(request)
    }

    func sessions(named name: String) async throws -> (sessions: [SessionSummary], last: Int64) {
        let found = try await base.sessions(named: name)
        return (found.sessions.filter { view.visibility.admits($0.scope.tenant) }, found.last)
    }

    func changes(numbered sequences: [Int64]) async throws -> [[UInt8]] {
        view.masked(try await base.changes(numbered: sequences)).filter { !$0.isEmpty }
    }

    func explanation(
        of key: CallKey, tenant: String?
    ) async throws -> (explanation: Explanation, last: Int64)? {
        switch view.visibility {
        case .everything: try await base.explanation(of: key, tenant: tenant)
        case .tenant(let own): try await base.explanation(of: key, tenant: own)
        case .nothing: nil
        }
    }

    func changes(
        of request: ChargeListRequest
    ) async throws -> (changes: [(number: Int64, body: [UInt8])], last: Int64) {
        var request = request
        request.filter = view.narrowed(request.filter)
        return try await base.changes(of: request)
    }

    func reconciliations(
        _ request: ReconciliationRequest
    ) async throws -> (records: [StoredReconciliation], last: Int64) {
        var request = request
        switch view.visibility {
        case .everything: break
        case .tenant(let own): request.tenant = own
        case .nothing: return ([], try await base.lastSequence())
        }
        return try await base.reconciliations(request)
    }

    func visible(_ changes: [[UInt8]]) -> [[UInt8]] { view.masked(changes) }

    func removedChanges() async throws -> [String: RemovedChanges] {
        let visibility = view.visibility
        return try await base.removedChanges().filter { visibility.admits($0.key) }
    }

    func movements() async throws -> [Movement] {
        let visibility = view.visibility
        return try await base.movements().filter { visibility.admits($0.dimensions[.tenant]) }
    }
}

/// What a request may see, told by its key.
struct TenantView: Sendable {
    /// Whether keys are asked for at all.
    let isGuarded: Bool

    /// A part of the ledger.
    enum Visibility: Sendable {
        case everything
        case tenant(String)
        case nothing

        /// Whether a tenant's data is in it.
        func admits(_ tenant: String?) -> Bool {
            switch self {
            case .everything: true
            case .tenant(let own): tenant == own
            case .nothing: false
            }
        }
    }

    /// What the request that this task answers may see.
    var visibility: Visibility {
        guard isGuarded else { return .everything }
        return AccessGrant.current.map { .tenant($0.tenant) } ?? .nothing
    }

    /// A filter that lets pass what it did and may be seen.
    func narrowed(_ filter: UsageFilter) -> UsageFilter {
        let allowed: Set<String?>
        switch visibility {
        case .everything: return filter
        case .tenant(let own): allowed = [own]
        case .nothing: allowed = []
        }
        var filter = filter
        filter.dimensions[.tenant] = filter.dimensions[.tenant].map { $0.intersection(allowed) } ?? allowed
        return filter
    }

    /// Changes, with nothing in the place of those that may not be seen, or cannot be read: numbers stay dense.
    func masked(_ changes: [[UInt8]]) -> [[UInt8]] {
        let visibility = visibility
        switch visibility {
        case .everything: return changes
        case .nothing: return changes.map { _ in [] }
        case .tenant: return changes.map { visibility.admits(ChangeOwner(change: $0)?.tenant) ? $0 : [] }
        }
    }
}
