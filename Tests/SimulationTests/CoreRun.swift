import Ledger
import Metering
import PriceSheets
import Rating
import Reconciliation
import Support

/// The cores of dedupe and pricing in one process: observations in, the ledger as a subscriber sees it out.
struct CoreRun {
    private let book: PriceBook

    init() throws {
        book = PriceBook(list: try PriceSheets.embedded())
    }

    /// Counts and prices observations in an order, settling and restarting at random moments.
    func ledger(of observations: [Observation], _ random: inout SeededRandom) throws -> LedgerView {
        var reconciler = Reconciler(state: MemoryState())
        var rater = Rater(book: book)
        var view = LedgerView()
        func enter(_ transaction: CallTransaction) throws {
            for call in transaction.calls {
                let change = Change(
                    epoch: "simulation", sequence: view.sequence + 1, transactionEnd: view.sequence + 1,
                    recordedTime: call.eventTime, charge: Charge(call: call, rating: rater.rate(call)),
                    delta: Change.Delta(tokens: TokenCounts(), computedCost: .zero, reportedCost: .zero, calls: 0))
                try view.apply(change.json)
            }
        }
        for observation in observations {
            if case .changed(let transaction) = reconciler.accept(observation) { try enter(transaction) }
            if Int.random(in: 0..<20, using: &random) == 0, let scope = reconciler.state.unsettledScopes.first,
                let transaction = reconciler.settle(scope)
            {
                try enter(transaction)
            }
            if Int.random(in: 0..<100, using: &random) == 0 { try reconciler.state.restart() }
        }
        for scope in reconciler.state.unsettledScopes {
            if let transaction = reconciler.settle(scope) { try enter(transaction) }
        }
        return view
    }
}
