import Ledger
import Logging
import Metering
import Pipeline
import Support
import Testing

@testable import QueryService

@Suite struct `Where charges come from` {
    private let dedupe = StreamID()

    /// An intake that has had one charge from dedupe.
    private func intake() throws -> Intake {
        var intake = Intake(windows: [:])
        _ = try intake.take(arrivals([[Charges.charge(1)]], from: dedupe))
        return intake
    }

    private func arrivals(_ transactions: [[Charge]], from stream: StreamID, first: Int64 = 1, low: Int64 = 1)
        -> Arrivals
    {
        var arrivals = Arrivals()
        arrivals.append(Charges.frame(transactions, stream: stream, first: first, low: low))
        return arrivals
    }

    private func repriced(_ number: Int64) -> Charge {
        var charge = Charges.charge(number)
        charge.call.reason = .reprice
        charge.rating.repricing = 1
        return charge
    }

    @Test func `a second dedupe ends the service, and nothing of it is taken`() throws {
        var intake = try intake()
        #expect(throws: LineageError.self) { try intake.take(arrivals([[Charges.charge(1)]], from: StreamID())) }
        let next = try intake.take(arrivals([[Charges.charge(2)]], from: dedupe, first: 2))
        #expect(next.transactions.count == 1)
    }

    @Test func `a second service on one ledger is refused with a sentence`() throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let logger = Logger(label: "test")
        let first = try LedgerService(folder: folder.path, logger: logger)
        let refusal = #expect(throws: FolderInUse.self) { try LedgerService(folder: folder.path, logger: logger) }
        #expect(refusal?.description.contains("in use by another tollbook-query") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `each repricing is a stream of its own`() throws {
        var intake = try intake()
        for _ in 1...2 {
            let batch = try intake.take(arrivals([[repriced(1)]], from: StreamID()))
            #expect(batch.transactions.count == 1)
        }
        #expect(throws: LineageError.self) {
            try intake.take(arrivals([[repriced(1)], [Charges.charge(2)]], from: StreamID()))
        }
    }

    @Test func `what is not a repricing as a whole is none`() throws {
        var intake = try intake()
        for transactions in [[[repriced(1), Charges.charge(2)]], [[repriced(1)], []], []] {
            #expect(throws: LineageError.self) { try intake.take(arrivals(transactions, from: StreamID())) }
        }
    }

    @Test func `what dedupe can no longer supply ends the service`() throws {
        var intake = try intake()
        #expect(throws: LineageError.self) {
            try intake.take(arrivals([[Charges.charge(5)]], from: dedupe, first: 5, low: 5))
        }
    }
}
