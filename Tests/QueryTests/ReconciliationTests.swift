import Ledger
import Metering
import Pipeline
import Reporting
import Testing
import Wire

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `Reconciliation in the ledger` {
    private static func record(
        _ session: String, revision: Int64, counted: Int128, harness: Harness = Harness(rawValue: "claude-code")
    ) -> ReconciliationRecord {
        ReconciliationRecord(
            scope: Scope(tenant: "default", harness: harness, session: session),
            revision: revision, policy: "authority", owned: ["output"],
            entries: [
                ReconciliationRecord.Entry(
                    channel: .log, field: "output", counted: counted, duplicate: 0, superseded: 0, conflicting: 0)
            ], coverage: [])
    }

    private static func commit(_ records: [ReconciliationRecord], to test: TestLedger, at seconds: Int64) throws {
        var batch = LedgerBatch()
        var transaction = IncomingTransaction(stream: StreamID(), sequence: 1, byteCount: 1, charges: [])
        transaction.reconciliations = records.map { record in
            var json = JSONWriter()
            json.reconciliation(record)
            return IncomingReconciliation(scope: record.scope, revision: record.revision, text: json.bytes)
        }
        batch.transactions = [transaction]
        _ = try test.writer.commit(batch, at: Timestamp(seconds: seconds))
    }

    @Test func `canaries, which count in no total, are in no list`() async throws {
        let test = try TestLedger()
        try Self.commit(
            [
                Self.record("s1", revision: 1, counted: 5),
                Self.record("canary", revision: 1, counted: 1, harness: .canary),
            ], to: test, at: 100)
        var batch = LedgerBatch()
        batch.transactions = [
            Charges.incoming([
                Charges.charge(1), Charges.charge(2, session: "canary", harness: Harness.canary.rawValue),
            ])
        ]
        _ = try test.writer.commit(batch, at: Timestamp(seconds: 101))
        let sessions = try await test.ledger.sessions(SessionListRequest()).sessions
        #expect(sessions.map(\.scope.session) == ["s1"])
        let reconciled = try await test.ledger.reconciliations(ReconciliationRequest()).records
        #expect(reconciled.count == 1)
    }

    @Test func `the highest revision of each scope is kept, whatever arrives last`() async throws {
        let test = try TestLedger()
        try Self.commit([Self.record("s1", revision: 2, counted: 20)], to: test, at: 100)
        try Self.commit(
            [Self.record("s1", revision: 1, counted: 10), Self.record("s2", revision: 1, counted: 5)], to: test, at: 200
        )
        try test.reopen()
        let (records, _) = try await test.ledger.reconciliations(ReconciliationRequest())
        #expect(records.map(\.recorded) == [Timestamp(seconds: 200), Timestamp(seconds: 100)])
        let read = try records.map { stored in
            var json = JSONReader(stored.body)
            return try json.reconciliation()
        }
        #expect(read == [Self.record("s2", revision: 1, counted: 5), Self.record("s1", revision: 2, counted: 20)])
    }

    @Test func `pages go on where the one before ended`() async throws {
        let test = try TestLedger()
        for index in 0..<7 {
            try Self.commit([Self.record("s\(index)", revision: 1, counted: 1)], to: test, at: Int64(index / 3))
        }
        var request = ReconciliationRequest(limit: 3)
        var seen: [Int64] = []
        while true {
            let (records, _) = try await test.ledger.reconciliations(request)
            seen += records.map(\.id)
            guard let last = records.last else { break }
            let position = ReconciliationRequest.Position(recorded: last.recorded, id: last.id)
            request.after = ReconciliationRequest.Position(position.text)
        }
        #expect(seen == [7, 6, 5, 4, 3, 2, 1])
        request = ReconciliationRequest()
        request.session = "s4"
        #expect(try await test.ledger.reconciliations(request).records.map(\.id) == [5])
    }

    @Test func `an event with records and no charges is no dead letter`() throws {
        var intake = Intake(windows: [:])
        let event = CallTransaction(calls: [], reconciliations: [Self.record("s1", revision: 1, counted: 3)]).json
        let text = String(decoding: event, as: UTF8.self).replacing(#""calls""#, with: #""charges""#)
        var arrivals = Arrivals()
        arrivals.append(Batch.encode(stream: StreamID().description, first: 1, low: 1, events: [Array(text.utf8)]))
        let batch = try intake.take(arrivals)
        #expect(batch.deadLetters.isEmpty)
        #expect(batch.transactions.first?.reconciliations.first?.revision == 1)
        #expect(batch.transactions.first?.charges.isEmpty == true)
    }
}
