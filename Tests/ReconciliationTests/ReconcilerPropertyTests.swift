import Metering
import Reconciliation
import Support
import Testing

/// Whatever the order, repetition and interruption, the result is that of the naive oracle.
@Suite struct ReconcilerPropertyTests {
    private static let batches = 40

    @Test(arguments: 0..<8)
    func `residuals that are booked equal the oracle's, and shrink as calls arrive`(batch: Int) {
        for seed in batch * Self.seedsPerBatch..<(batch + 1) * Self.seedsPerBatch {
            do {
                var history = try History(seed: UInt64(seed), policy: .fill)
                try history.checkEstimates()
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
    private static let seedsPerBatch = 250

    @Test(arguments: 0..<batches)
    func `generated sessions in any order equal the oracle`(batch: Int) {
        for seed in batch * Self.seedsPerBatch..<(batch + 1) * Self.seedsPerBatch {
            do {
                var history = try History(seed: UInt64(seed))
                try history.check()
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

/// One generated set of observations, sent shuffled and repeated through a reconciler that is restarted in between.
private struct History {
    private let seed: UInt64
    private let truth: [Observation]
    private var dice: Dice
    private var reconciler: Reconciler<MemoryState>
    private var byRevision = RevisionConsumer()
    private var byChange = SummingConsumer()
    private var transactions: [CallTransaction] = []
    private var accepted = 0

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    init(seed: UInt64, policy: ResidualPolicy = .authority) throws {
        reconciler = Reconciler(state: MemoryState(), policy: policy)
        self.seed = seed
        truth = GeneratedSessions(seed: seed).observations
        dice = Dice(seed: ~seed)
        var sent = truth
        for observation in truth where dice.once(in: 3) { sent.append(observation) }
        sent.shuffle(using: &dice)
        for observation in sent {
            switch reconciler.accept(observation) {
            case .changed(let transaction):
                tell(transaction)
                accepted += 1
            case .waiting, .recorded: accepted += 1
            case .duplicate, .conflict: break
            }
            if dice.once(in: 12) { try reconciler.state.restart() }
            if dice.once(in: 6), let scope = reconciler.state.unsettledScopes.first { tell(reconciler.settle(scope)) }
            if policy == .fill, dice.once(in: 3) { tell(reconciler.report(observation.scope)) }
        }
        for scope in reconciler.state.unsettledScopes { tell(reconciler.settle(scope)) }
    }

    mutating func check() throws {
        let distinct = Set(truth.map(\.id)).count
        try expect(accepted == distinct, "\(accepted) observations taken in, \(distinct) were made")
        if let fault = byChange.fault { throw Fault(description: fault) }
        try checkOracle()
        try checkSums()
        var late = RevisionConsumer()
        for transaction in transactions.shuffled(using: &dice) { late.apply(transaction) }
        try expect(late.valid == byRevision.valid, "transactions in another order end elsewhere")
        try checkBooks()
    }

    /// Each session's estimate is what its aggregates say beyond its calls, and what came and went left nothing else.
    mutating func checkEstimates() throws {
        if let fault = byChange.fault { throw Fault(description: fault) }
        for scope in reconciler.state.knownScopes { tell(reconciler.report(scope)) }
        let oracle = Oracle(truth)
        let estimates = byRevision.valid.values.filter { $0.quality == .estimated }
        var found: [Scope: [String: Int64]] = [:]
        for estimate in estimates {
            for field in Field.allCases where estimate.value(field) != 0 {
                found[estimate.scope, default: [:]][field.rawValue] = estimate.value(field)
            }
        }
        try expect(found == oracle.residuals, "\(found), not \(oracle.residuals)")
        try checkSums()
        var authority = try History(seed: seed)
        try authority.check()
        try expect(
            byRevision.valid.count - estimates.count == authority.byRevision.valid.count,
            "the policy changed more than estimates")
    }

    private mutating func tell(_ transaction: CallTransaction?) {
        guard let transaction else { return }
        byRevision.apply(transaction)
        byChange.apply(transaction)
        transactions.append(transaction)
    }

    private func expect(_ isMet: Bool, _ description: @autoclosure () -> String) throws {
        if !isMet { throw Fault(description: description()) }
    }

    private func checkOracle() throws {
        let oracle = Oracle(truth)
        let calls = byRevision.valid
        let singles = calls.filter { $0.value.quality != .aggregate }
        try expect(Set(singles.keys) == Set(oracle.calls.keys), "calls \(singles.keys), not \(oracle.calls.keys)")
        for (name, call) in singles {
            let found = Oracle.Verdict(call)
            try expect(found == oracle.calls[name], "\(found), not \(String(describing: oracle.calls[name]))")
        }
        try expect(
            calls.count - singles.count == oracle.aggregates.count,
            "\(calls.count - singles.count) aggregates, not \(oracle.aggregates.count)")
        for (name, verdict) in oracle.aggregates {
            let key = Bucket(scope: name.scope, group: name.group, hour: name.hour).key
            let found = calls[CallName(tenant: name.scope.tenant, key: key)].map { Oracle.Verdict($0) }
            try expect(found == verdict, "\(String(describing: found)), not \(verdict)")
        }
    }

    /// Applying each change once adds up to what stands: whatever was added and taken back left exactly nothing.
    private func checkSums() throws {
        var tokens = TokenCounts()
        var cost = AmountTotal.zero
        for call in byRevision.valid.values {
            tokens = tokens + call.tokens
            cost += call.reportedCost ?? .zero
        }
        for tokenClass in TokenClass.allCases {
            try expect(byChange.tokens[tokenClass] ?? 0 == tokens[tokenClass] ?? 0, "sums of \(tokenClass) differ")
        }
        try expect(byChange.cost == cost, "sums of cost differ")
    }

    /// The books of every scope add up to its calls.
    private mutating func checkBooks() throws {
        for scope in reconciler.state.knownScopes {
            let books = reconciler.state.record(of: scope).books
            let own = byRevision.valid.values.filter { $0.scope == scope && $0.quality != .aggregate }
            for field in Field.allCases {
                let total = own.reduce(Int128(0)) { $0 + Int128($1.value(field)) }
                let counted = books.entries.filter { $0.field == field }.reduce(Int128(0)) { $0 + $1.counted }
                try expect(books.counted(field) == total && counted == total, "books of \(scope) differ in \(field)")
            }
        }
    }
}

extension Call {
    fileprivate func value(_ field: Field) -> Int64 {
        switch field {
        case .uncachedInput: tokens.uncachedInput ?? 0
        case .cacheRead: tokens.cacheRead ?? 0
        case .cacheWrite: tokens.allCacheWrites ?? 0
        case .output: tokens.output ?? 0
        case .reasoning: tokens.reasoning ?? 0
        case .cost: reportedCost?.picodollars ?? 0
        }
    }
}
