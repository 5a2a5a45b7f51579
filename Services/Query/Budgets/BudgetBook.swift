import Foundation
import Logging
import Metering
import Reporting
import Synchronization

/// The budgets in force: those of the operator's file, and those that were set over the API.
final class BudgetBook: Sendable {
    /// A budget and where it stands.
    struct Entry: Sendable {
        let budget: Budget
        let source: Source
    }

    /// Where a budget stands.
    enum Source: String, Sendable {
        case file, api
    }

    /// Why a budget could not be set or removed.
    enum Refusal: Error {
        /// The name belongs to a budget of the file.
        case isInFile
    }

    private struct State {
        var file: [Budget] = []
        var fileChanged: Date?
        var api: [Budget] = []
    }

    /// The messages' books.
    let store: BudgetStore
    private let file: BudgetFile?
    private let webhook: String?
    private let zone: ZoneOffsets
    private let state: Mutex<State>

    /// Reads what is set.
    ///
    /// - Parameters:
    ///   - webhook: where every crossing is told.
    ///   - zone: the zone of budgets that name none.
    /// - Throws: where the file is there and cannot be used.
    init(store: BudgetStore, file: BudgetFile?, webhook: String?, zone: ZoneOffsets) throws {
        self.store = store
        self.file = file
        self.webhook = webhook
        self.zone = zone
        var state = State()
        state.api = try store.budgets()
        if let file {
            state.fileChanged = file.changed
            state.file = try file.budgets()
        }
        self.state = Mutex(state)
    }

    /// Every budget, by name; one of the file hides one of the API.
    var entries: [Entry] {
        let (file, api) = state.withLock { ($0.file, $0.api) }
        let names = Set(file.map(\.name))
        let all =
            file.map { Entry(budget: $0, source: .file) }
            + api.filter { !names.contains($0.name) }.map { Entry(budget: $0, source: .api) }
        return all.sorted { $0.budget.name < $1.budget.name }
    }

    /// One budget; `nil` where there is none of the name.
    func entry(_ name: String) -> Entry? { entries.first { $0.budget.name == name } }

    /// Reads the file again if it changed.
    ///
    /// - Throws: `BudgetFileError` once for every change that cannot be used; the budgets of before stay in force.
    func refresh() throws(BudgetFileError) {
        guard let file else { return }
        let changed = file.changed
        guard state.withLock({ $0.fileChanged }) != changed else { return }
        state.withLock { $0.fileChanged = changed }
        let budgets = try file.budgets()
        state.withLock { $0.file = budgets }
    }

    /// Sets a budget of the API.
    func set(_ budget: Budget) throws {
        guard entry(budget.name)?.source != .file else { throw Refusal.isInFile }
        try store.set(budget)
        state.withLock { state in
            state.api.removeAll { $0.name == budget.name }
            state.api.append(budget)
        }
    }

    /// Removes a budget of the API; false where there is none.
    func remove(_ name: String) throws -> Bool {
        guard entry(name)?.source != .file else { throw Refusal.isInFile }
        guard try store.remove(name) else { return false }
        state.withLock { $0.api.removeAll { $0.name == name } }
        return true
    }

    /// How far a budget is used at a moment.
    func status(_ budget: Budget, at now: Timestamp, in ledger: any LedgerReading) async throws -> BudgetStatus {
        let zone = budget.zone.flatMap(TimeZones.offsets) ?? self.zone
        let window = BudgetWindow(budget, at: now, in: zone)
        if budget.split == .session, budget.period == .all {
            let cells = try await recentSessions(budget, now, ledger)
            return BudgetStatus(budget, window, zone: zone, cells: cells)
        }
        let request = budget.request(window, in: zone)
        let cells = try await ledger.cells(ReadPlan(request), filter: request.filter).cells
        return BudgetStatus(budget, window, zone: zone, cells: cells)
    }

    /// Sessions active in the last day, whole: all sessions there ever were would be too many to look at every second.
    private func recentSessions(
        _ budget: Budget, _ now: Timestamp, _ ledger: any LedgerReading
    ) async throws -> [UsageCell] {
        var request = SessionListRequest(limit: 1000)
        request.since = Timestamp(seconds: now.seconds - 86_400)
        request.filter = budget.filter
        let wanted = budget.filter.sessions
        var cells: [UsageCell] = []
        while true {
            let sessions = try await ledger.sessions(request).sessions
            for session in sessions where wanted.isEmpty || wanted.contains(session.scope.session) {
                // A session is listed when any of its usage passes the filter, and comes with all of it.
                for cell in session.cells where budget.filter.admits(cell.dimensions) {
                    cells.append(
                        UsageCell(
                            time: .whole, session: session.scope.session, dimensions: cell.dimensions.kept([]),
                            usage: cell.usage))
                }
            }
            guard sessions.count == request.limit, let last = sessions.last else { return cells }
            request.after = SessionListRequest.Position(last)
        }
    }

    /// Where a budget's crossings are told.
    func webhooks(of budget: Budget) -> [String] {
        [webhook, budget.webhook].compactMap(\.self).reduce(into: []) { list, hook in
            if !list.contains(hook) { list.append(hook) }
        }
    }
}
