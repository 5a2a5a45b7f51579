import Metering
import Testing

/// A key within its tenant: what names a call to consumers.
struct CallName: Hashable {
    let tenant: String
    let key: CallKey

    init(tenant: String, key: CallKey) {
        self.tenant = tenant
        self.key = key
    }

    init(_ call: Call) {
        self.init(tenant: call.scope.tenant, key: call.key)
    }
}

/// What someone sees who keeps the highest revision of each call.
struct RevisionConsumer {
    private(set) var calls: [CallName: Call] = [:]

    mutating func apply(_ transaction: CallTransaction) {
        for call in transaction.calls where call.revision > calls[CallName(call)]?.revision ?? 0 {
            calls[CallName(call)] = call
        }
    }

    var valid: [CallName: Call] { calls.filter { !$0.value.isRetracted } }
}

/// What someone sees who applies every change once, as a difference to the revision before it.
struct SummingConsumer {
    private var last: [CallName: Call] = [:]
    private(set) var tokens = TokenCounts()
    private(set) var cost = AmountTotal.zero

    /// Applies a transaction and checks that what it says follows what was said before.
    mutating func apply(_ transaction: CallTransaction) {
        for call in transaction.calls {
            let before = last[CallName(call)]
            #expect(call.revision == (before?.revision ?? 0) + 1, "revisions of \(call.key) count up from 1")
            #expect(before == nil || before?.number == call.number, "\(call.key) keeps its number")
            if call.isRetracted {
                #expect(!call.tokens.hasUsage && call.reportedCost == nil, "a retraction counts nothing")
                #expect(before?.isRetracted == false, "only what stands is retracted")
            }
            if let before { #expect(!before.saysTheSame(as: call), "\(call.key) says something new") }
            tokens = tokens + (call.tokens - (before?.tokens ?? TokenCounts()))
            if let cost = call.reportedCost { self.cost += cost }
            if let cost = before?.reportedCost { self.cost -= cost }
            last[CallName(call)] = call
        }
    }
}

extension Call {
    fileprivate func saysTheSame(as other: Call) -> Bool {
        var other = other
        other.revision = revision
        other.reason = reason
        return self == other
    }
}
