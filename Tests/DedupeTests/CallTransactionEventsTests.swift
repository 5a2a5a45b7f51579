import Metering
import Testing
import Wire

@testable import DedupeService

/// Transactions that are larger than an event may be.
@Suite struct CallTransactionEventsTests {
    private static func call(_ number: Int64, isRetracted: Bool = false, evidence: Int = 0) -> Call {
        let scope = Scope(tenant: "default", harness: Harness(rawValue: "claude-code"), session: "s1")
        var call = Call(
            number: number, key: CallKey(rawValue: "a:req:\(number)"), revision: 1, reason: .first, scope: scope,
            eventTime: Timestamp(seconds: 0), quality: .exact)
        call.isRetracted = isRetracted
        call.evidence.items = (0..<evidence).map { index in
            Evidence.Item(
                observation: ContentID(high: 1, low: UInt64(index)), channel: .log, eventTime: Timestamp(seconds: 0),
                tokens: TokenCounts(output: 1), cost: nil, verdict: index == 0 ? .counted : .duplicate, rule: "r")
        }
        return call
    }

    private static func read(_ events: [[UInt8]]) throws -> [Call] {
        try events.flatMap { event in
            var reader = JSONReader(event)
            return try CallTransaction(from: &reader).calls
        }
    }

    @Test func `is one event where it fits`() throws {
        let transaction = CallTransaction(calls: (1...20).map { Self.call($0) })
        let events = transaction.events(maximumBytes: 64 * 1024)
        #expect(events == [transaction.json])
    }

    @Test func `is divided with what it takes back first`() throws {
        let transaction = CallTransaction(calls: (1...40).map { Self.call($0, isRetracted: $0.isMultiple(of: 3)) })
        let events = transaction.events(maximumBytes: 2000)
        #expect(events.count > 1)
        #expect(events.allSatisfy { $0.count <= 2000 })
        let calls = try Self.read(events)
        #expect(Set(calls) == Set(transaction.calls))
        let firstCounted = try #require(calls.firstIndex { !$0.isRetracted })
        #expect(calls[firstCounted...].allSatisfy { !$0.isRetracted })
    }

    @Test func `a call too large by itself keeps its figures and counts its evidence`() throws {
        let call = Self.call(1, evidence: 16)
        let events = CallTransaction(calls: [call]).events(maximumBytes: 1000)
        let read = try Self.read(events)
        #expect(events.allSatisfy { $0.count <= 1000 })
        #expect(read.map(\.evidence) == [Evidence(items: [], omitted: [.counted: 1, .duplicate: 15])])
        #expect(read.map(\.key) == [call.key])
    }
}
