import Metering
import Reconciliation
import Testing

/// Whatever the order, repetition and interruption, the result is that of the naive oracle.
@Suite struct ReconcilerPropertyTests {
    private static let batches = 40
    private static let seedsPerBatch = 250

    @Test(arguments: 0..<batches)
    func `generated sessions in any order equal the oracle`(batch: Int) throws {
        for seed in batch * Self.seedsPerBatch..<(batch + 1) * Self.seedsPerBatch {
            try check(seed: UInt64(seed))
        }
    }

    private func check(seed: UInt64) throws {
        let truth = GeneratedSessions(seed: seed).observations
        var dice = Dice(seed: ~seed)
        var sent = truth + truth.filter { _ in dice.once(in: 3) }
        sent.shuffle(using: &dice)

        var reconciler = Reconciler(state: MemoryState())
        var byRevision = RevisionConsumer()
        var byChange = SummingConsumer()
        var transactions: [CallTransaction] = []
        func tell(_ transaction: CallTransaction?) {
            guard let transaction else { return }
            byRevision.apply(transaction)
            byChange.apply(transaction)
            transactions.append(transaction)
        }

        var accepted = 0
        for observation in sent {
            switch reconciler.accept(observation) {
            case .changed(let transaction):
                tell(transaction)
                accepted += 1
            case .waiting, .recorded: accepted += 1
            case .duplicate: break
            }
            if dice.once(in: 6) { try reconciler.state.restart() }
            if dice.once(in: 6), let scope = reconciler.state.unsettledScopes.first {
                tell(reconciler.settle(scope))
            }
        }
        for scope in reconciler.state.unsettledScopes { tell(reconciler.settle(scope)) }

        let oracle = Oracle(truth)
        let comment: Comment = "seed \(seed)"
        #expect(accepted == Set(truth.map(\.id)).count, comment)
        Self.expect(byRevision.valid, oracle, comment)
        Self.expect(byChange, sums: byRevision.valid, comment)
        var late = RevisionConsumer()
        for transaction in transactions.shuffled(using: &dice) { late.apply(transaction) }
        #expect(late.valid == byRevision.valid, comment)
        Self.expectBooks(&reconciler, byRevision.valid, comment)
    }

    private static func expect(_ calls: [CallName: Call], _ oracle: Oracle, _ comment: Comment) {
        let singles = calls.filter { $0.value.quality != .aggregate }
        #expect(Set(singles.keys) == Set(oracle.calls.keys), comment)
        for (key, call) in singles {
            var found = Oracle.Verdict(call)
            for item in call.evidence.items { found.evidence[item.observation] = item.verdict.rawValue }
            #expect(found == oracle.calls[key], comment)
        }
        let aggregates = calls.values.filter { $0.quality == .aggregate }
        #expect(aggregates.count == oracle.aggregates.count, comment)
        for (name, verdict) in oracle.aggregates {
            let key = Bucket(scope: name.scope, group: name.group, hour: name.hour).key
            #expect(calls[CallName(tenant: name.scope.tenant, key: key)].map(Oracle.Verdict.init) == verdict, comment)
        }
    }

    private static func expect(_ sums: SummingConsumer, sums calls: [CallName: Call], _ comment: Comment) {
        var cost = AmountTotal.zero
        for tokenClass in TokenClass.allCases {
            let total = calls.values.reduce(Int64(0)) { $0 + ($1.tokens[tokenClass] ?? 0) }
            #expect(sums.tokens[tokenClass] ?? 0 == total, comment)
        }
        for call in calls.values { cost += call.reportedCost ?? .zero }
        #expect(sums.cost == cost, comment)
    }

    /// The books of every scope add up to its calls.
    private static func expectBooks(
        _ reconciler: inout Reconciler<MemoryState>, _ calls: [CallName: Call], _ comment: Comment
    ) {
        for scope in reconciler.state.knownScopes {
            let books = reconciler.state.record(of: scope).books
            let own = calls.values.filter { $0.scope == scope && $0.quality != .aggregate }
            for field in Field.allCases {
                let total = own.reduce(Int128(0)) { $0 + Int128($1.value(field)) }
                #expect(books.counted(field) == total, comment)
                let counted = books.entries.filter { $0.field == field }.reduce(Int128(0)) { $0 + $1.counted }
                #expect(counted == total, comment)
            }
        }
    }
}

extension Oracle.Verdict {
    fileprivate init(_ call: Call) {
        self.init(
            scope: call.scope, time: call.eventTime, tokens: call.tokens, cost: call.reportedCost,
            quality: call.quality, model: call.model, evidence: [:])
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
