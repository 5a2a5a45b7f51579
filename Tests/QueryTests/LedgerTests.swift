import Ledger
import Metering
import Pipeline
import Reporting
import Testing
import Wire

@testable import QueryService

@Suite struct `The ledger` {
    /// Revisions of several calls: growing, repriced, moved to another session and model, taken back.
    private static let revisions: [Charge] = {
        var charges: [Charge] = []
        for number in 1...6 as ClosedRange<Int64> {
            charges.append(Charges.charge(number, output: 10 * number, computed: 1000 * number))
            charges.append(
                Charges.charge(number, revision: 2, output: 11 * number, reported: 7 * number, computed: 900))
            charges.append(
                Charges.charge(
                    number, revision: 3, session: "s\(number % 2)", model: number % 2 == 0 ? nil : "gpt-5",
                    at: 1_795_176_000 + number * 7000, output: 12 * number, computed: nil))
        }
        charges.append(Charges.retraction(2, revision: 4))
        charges.append(Charges.charge(7, session: "s2", reported: 5_000_000, quality: .aggregate))
        return charges
    }()

    /// What totals must be, counted from the highest revisions alone.
    private func oracle(_ charges: [Charge]) -> Usage {
        var highest: [Int64: Charge] = [:]
        for charge in charges where charge.call.revision > highest[charge.call.number]?.call.revision ?? 0 {
            highest[charge.call.number] = charge
        }
        var carriers: Set<String> = []
        for charge in highest.values where ChargeFacts(charge).marks.contains(.carriesScopeCost) {
            carriers.insert(charge.call.scope.session)
        }
        return highest.values.reduce(into: Usage()) { sum, charge in
            let isAlone = carriers.contains(charge.call.scope.session)
            sum += ChargeFacts(charge).usage(isAlone ? .reportedAlone : .perCharge)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `is the same for any order, any repetition and any batching of revisions`(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let test = try TestLedger()
        var rest = (Self.revisions + Self.revisions).shuffled(using: &random)
        while !rest.isEmpty {
            let count = Int.random(in: 1...5, using: &random)
            try test.commit(rest.prefix(count).map { [$0] })
            rest.removeFirst(min(count, rest.count))
            if Int.random(in: 0..<8, using: &random) == 0 { try test.reopen() }
        }
        let expected = oracle(Self.revisions)
        for query in ["", "group_by=session", "group_by=day,model", "group_by=hour&timezone=Asia/Kolkata"] {
            #expect(try await test.totals(query) == expected, "seed \(seed), \(query)")
        }
        let changes = try await test.changes()
        #expect(changes.map(\.sequence) == Array(1...Int64(changes.count)))
        try check(changes, equal: expected, seed)
    }

    /// A reader that adds every delta once, and one that keeps the highest revision, both have the ledger's figures.
    private func check(_ changes: [Change], equal expected: Usage, _ seed: UInt64) throws {
        var added = TokenCounts()
        var (calls, computed, reported): (Int64, Int64, Int64) = (0, 0, 0)
        var latest: [CallKey: Charge] = [:]
        for change in changes {
            added = added + change.delta.tokens
            calls += change.delta.calls
            computed += change.delta.computedCost.picodollars
            reported += change.delta.reportedCost.picodollars
            latest[change.charge.call.key] = change.operation == .retract ? nil : change.charge
        }
        #expect(added.output == expected.tokens.output, "seed \(seed)")
        #expect(calls == expected.calls, "seed \(seed)")
        #expect(Int128(computed) == expected.computedCost.picodollars, "seed \(seed)")
        #expect(Int128(reported) == expected.reportedCost.picodollars, "seed \(seed)")
        #expect(oracle(Array(latest.values)) == expected, "seed \(seed)")
    }

    @Test func `applies a revision only when it is higher`() async throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1, revision: 5, output: 50)]])
        let again = try test.commit([
            [Charges.charge(1, revision: 5, output: 99)], [Charges.charge(1, revision: 4, output: 1)],
        ])
        #expect(again.changes.isEmpty)
        #expect(again.stale == 2)
        #expect(try await test.totals().tokens.output == 50)
    }

    @Test func `holds nothing after everything was taken back`() async throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1, reported: 3, computed: 5), Charges.charge(2, session: "s2", computed: 7)]])
        try test.commit([[Charges.retraction(1, revision: 2), Charges.retraction(2, revision: 2, session: "s2")]])
        for query in ["", "group_by=session", "group_by=day,model,status"] {
            let report = try await test.report(query)
            #expect(report.totals.isZero)
            #expect(report.rows.isEmpty)
        }
        let stale = try test.commit([[Charges.charge(1, computed: 5)]])
        #expect(stale.changes.isEmpty, "a taken-back charge does not come back with an old revision")
    }

    @Test func `numbers the changes of a transaction so that a reader sees its end`() async throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1), Charges.charge(2), Charges.charge(3)], [Charges.charge(4)]])
        try test.commit([[Charges.charge(1), Charges.retraction(2, revision: 2)]])
        let changes = try await test.changes()
        #expect(changes.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(changes.map(\.transactionEnd) == [3, 3, 3, 4, 5])
        #expect(changes[4].operation == .retract)
        #expect(changes[4].delta.tokens.output == -10)
    }

    @Test func `passes a charge's text on byte for byte`() async throws {
        let test = try TestLedger()
        var batch = LedgerBatch()
        let entry = ChargeEntry(Charges.charge(1))
        let text = Array(#"{"anything":"at all","α":[1,2]}"#.utf8)
        batch.transactions = [
            IncomingTransaction(
                stream: StreamID(), sequence: 1, byteCount: 1, charges: [IncomingCharge(entry: entry, text: text[...])])
        ]
        let commit = try test.writer.commit(batch, at: Timestamp(seconds: 1))
        let stored = try await test.ledger.changes(after: 0, limit: 1).changes
        #expect(stored == commit.changes.map(\.body))
        #expect(
            String(decoding: stored[0], as: UTF8.self).contains(#""charge":{"anything":"at all","α":[1,2]},"delta""#))
    }

    @Test func `refuses a transaction whole when a number stands for another key`() async throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1)]])
        var other = Charges.charge(1, revision: 2)
        other.call.key = CallKey(rawValue: "anthropic:req:another")
        let commit = try test.commit([[Charges.charge(2), other], [Charges.charge(3, output: -5)]])
        #expect(commit.changes.isEmpty)
        #expect(commit.deadLetters == 2)
        #expect(try await test.totals().charges == 1)
    }

    @Test func `keeps sums of money exact past what one Int64 holds`() async throws {
        let test = try TestLedger()
        let most = Int64.max
        try test.commit([
            [Charges.charge(1, computed: most), Charges.charge(2, computed: most)], [Charges.charge(3, computed: most)],
        ])
        #expect(try await test.totals().computedCost.picodollars == Int128(most) * 3)
        #expect(try await test.totals("group_by=session").computedCost.picodollars == Int128(most) * 3)
        try test.commit([(1...3).map { Charges.retraction($0, revision: 2) }])
        #expect(try await test.totals().isZero)
    }

    @Test func `counts nothing of what is no model call`() async throws {
        let test = try TestLedger()
        var synthetic = Charges.charge(1, output: 5, reported: 5)
        synthetic.rating = Rating(status: .notACall)
        try test.commit([[synthetic]])
        #expect(try await test.totals().isZero)
        #expect(try await test.changes().count == 1)
        #expect(try await test.ledger.explanation(of: synthetic.call.key) != nil)
    }

    @Test func `goes on after a restart with its epoch, its numbers and its windows`() async throws {
        let test = try TestLedger()
        let stream = StreamID()
        var batch = LedgerBatch()
        batch.transactions = [Charges.incoming([Charges.charge(1)], stream: stream, sequence: 7)]
        batch.windows = [stream: UnorderedReceiveWindow(watermark: 3, pending: [7..<8, 10..<15])]
        _ = try test.writer.commit(batch, at: Timestamp(seconds: 1))
        let epoch = test.ledger.epoch
        try test.reopen()
        #expect(test.ledger.epoch == epoch)
        #expect(test.writer.lastSequence == 1)
        #expect(try test.writer.windows() == batch.windows)
        try test.commit([[Charges.charge(1, revision: 2, output: 30)]])
        #expect(try await test.changes().map(\.sequence) == [1, 2])
        #expect(try await test.totals().tokens.output == 30)
    }

    @Test func `notes dead letters, and every event is accounted for`() throws {
        let test = try TestLedger()
        var batch = LedgerBatch()
        let stream = StreamID()
        batch.transactions = [
            Charges.incoming([Charges.charge(1), Charges.charge(2)]), Charges.incoming([Charges.charge(1)]),
        ]
        batch.deadLetters = [
            IncomingDeadLetter(stream: stream, sequence: 9, reason: "type_mismatch", field: "tokens", byteCount: 12),
            IncomingDeadLetter(stream: nil, sequence: nil, reason: "malformed_batch", field: nil, byteCount: 3),
        ]
        batch.duplicates = 5
        _ = try test.writer.commit(batch, at: Timestamp(seconds: 1))
        let counters = try test.writer.counters()
        #expect(
            counters == ["events": 4, "dead_letters": 2, "charges": 3, "stale": 1, "duplicates": 5])
        #expect(counters["charges"] == test.writer.lastSequence + (counters["stale"] ?? 0))
    }

    @Test func `finds a call by its key in the list and in runs`() async throws {
        let test = try TestLedger()
        let count = Int64(KeyIndex.maximumFresh) + 10
        for start in stride(from: 1, through: count, by: 4096) {
            try test.commit((start..<min(start + 4096, count + 1)).map { [Charges.charge($0)] })
        }
        try test.commit([[Charges.charge(3, revision: 2, output: 77)]])
        for number in [1, 3, count / 2, count] {
            let found = try await test.ledger.explanation(of: Charges.charge(number).call.key)
            #expect(found?.explanation.charge.call.number == number)
        }
        let revised = try await test.ledger.explanation(of: Charges.charge(3).call.key)
        #expect(revised?.explanation.revisions.count == 2)
        #expect(revised?.explanation.charge.call.tokens.output == 77)
        #expect(try await test.ledger.explanation(of: CallKey(rawValue: "anthropic:req:none")) == nil)
    }
}

/// A random number generator whose seed reproduces a run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
