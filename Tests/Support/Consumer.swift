public import Metering

/// A key within its tenant: what names a call to consumers.
public struct CallName: Hashable, Sendable {
    /// The tenant.
    public let tenant: String
    /// The key.
    public let key: CallKey

    /// Makes a name.
    public init(tenant: String, key: CallKey) {
        self.tenant = tenant
        self.key = key
    }

    /// The name of a call.
    public init(_ call: Call) {
        self.init(tenant: call.scope.tenant, key: call.key)
    }
}

/// What someone sees who keeps the highest revision of each call.
public struct RevisionConsumer: Sendable {
    private var calls: [CallName: Call] = [:]

    /// Knows nothing yet.
    public init() {}

    /// Takes in a transaction.
    public mutating func apply(_ transaction: CallTransaction) {
        for call in transaction.calls where call.revision > calls[CallName(call)]?.revision ?? 0 {
            calls[CallName(call)] = call
        }
    }

    /// The calls that stand.
    public var valid: [CallName: Call] { calls.filter { !$0.value.isRetracted } }
}

/// What someone sees who applies every change once, as a difference to the revision before it.
public struct SummingConsumer: Sendable {
    private var last: [CallName: Call] = [:]
    /// Its sum of tokens.
    public private(set) var tokens = TokenCounts()
    /// Its sum of reported costs.
    public private(set) var cost = AmountTotal.zero
    /// The first thing said that does not follow from what was said before.
    public private(set) var fault: String?

    /// Knows nothing yet.
    public init() {}

    /// Takes in a transaction.
    public mutating func apply(_ transaction: CallTransaction) {
        for call in transaction.calls {
            let before = last[CallName(call)]
            fault = fault ?? Self.fault(in: call, after: before)
            tokens = tokens + (call.tokens - (before?.tokens ?? TokenCounts()))
            if let cost = call.reportedCost { self.cost += cost }
            if let cost = before?.reportedCost { self.cost -= cost }
            last[CallName(call)] = call
        }
        for call in transaction.calls { fault = fault ?? replacementFault(of: call) }
        if Set(last.values.map(\.number)).count != last.count { fault = fault ?? "two keys have one number" }
    }

    /// A call that turned out to be another says which, and that one counts.
    private func replacementFault(of call: Call) -> String? {
        guard call.isRetracted, call.reason == .merged else {
            return call.replacement == nil ? nil : "\(call.key) names a replacement and needs none"
        }
        guard let key = call.replacement else { return "\(call.key) is merged into nothing" }
        let replacement = last[CallName(tenant: call.scope.tenant, key: key)]
        return replacement?.isRetracted ?? true ? "\(key), into which \(call.key) is merged, does not stand" : nil
    }

    private static func fault(in call: Call, after before: Call?) -> String? {
        if call.revision != (before?.revision ?? 0) + 1 { return "revisions of \(call.key) do not count up from 1" }
        if call.isRetracted, call.tokens.hasUsage || call.reportedCost != nil { return "a retraction counts something" }
        if call.isRetracted, before?.isRetracted ?? true { return "\(call.key) is retracted and does not stand" }
        guard let before else { return nil }
        if call.number != before.number { return "\(call.key) changes its number" }
        var same = call
        same.revision = before.revision
        same.reason = before.reason
        return same == before ? "revision \(call.revision) of \(call.key) says nothing new" : nil
    }
}
