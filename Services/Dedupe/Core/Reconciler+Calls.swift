import Metering

extension Reconciler {
    /// Rule `identity`: whatever shares a key with a call is that call, and calls that come to share one are joined.
    mutating func acceptReport(_ report: Report, _ keys: [CallKey]) throws(State.Failure) -> Outcome {
        let observation = report.observation
        let keys = keys.isEmpty ? [observation.ownKey] : keys
        let (known, unbound) = try calls(of: keys, in: observation.tenant)
        for entry in known where entry.record.contains(report.id) {
            return entry.record.contradicts(report) ? .conflict : .duplicate
        }

        let bestKey = keys.dropFirst().reduce(keys[0]) { min($0, $1) }
        if observation.pairing != nil || known.contains(where: { $0.record.isPaired }) {
            return try acceptPaired(report, bestKey, known, unbound)
        }
        var record: CallRecord
        if let first = known.first?.record {
            record = first
            for other in known.dropFirst() { record.join(other.record) }
            record.insert(report, key: bestKey)
        } else {
            record = CallRecord(report, key: bestKey)
        }

        let (number, changes) = try publish(&record, replacing: known)
        try state.keep(record, of: number)
        for entry in known where entry.number != number { try state.redirect(entry.number, to: number) }
        for key in unbound { try state.bind(key, in: observation.tenant, to: number) }

        let displaced = try keepScopes(report, before: known.map(\.record), after: [record])
        let calls = displaced.isEmpty ? changes : displaced + changes
        return calls.isEmpty ? .recorded : .changed(CallTransaction(calls: calls))
    }

    /// The calls that keys belong to, each once, in ascending order, and the keys that belong to none.
    private mutating func calls(
        of keys: [CallKey], in tenant: String
    ) throws(State.Failure) -> (known: [KnownCall], unbound: [CallKey]) {
        var known: [KnownCall] = []
        var unbound: [CallKey] = []
        for key in keys {
            guard let number = try state.call(of: key, in: tenant) else {
                if !unbound.contains(key) { unbound.append(key) }
                continue
            }
            if known.contains(where: { $0.number == number }) { continue }
            known.append(KnownCall(number: number, record: try state.record(of: number)))
        }
        known.sort { $0.number < $1.number }
        return (known, unbound)
    }

    /// Gives the record its public key and tells consumers what changed: keys that no longer name a call first.
    private mutating func publish(
        _ record: inout CallRecord, replacing known: [KnownCall]
    ) throws(State.Failure) -> (number: CallNumber, changes: [Call]) {
        var changes: [Call] = []
        var kept: Published?
        for entry in known {
            guard var published = entry.record.published else { continue }
            if published.key == record.key {
                kept = published
            } else {
                published.revision += 1
                changes.append(entry.record.retraction(as: published, for: record.key))
            }
        }
        guard var published = kept else {
            let published = Published(number: try state.takeNumber(), key: record.key)
            record.published = published
            changes.append(record.call(as: published, reason: known.isEmpty ? .first : .merged))
            return (known.first?.number ?? published.number, changes)
        }
        let number = known[0].number
        if known.count == 1 {
            let unchanged = known[0].record.call(as: published, reason: .update)
            if record.call(as: published, reason: .update) == unchanged { return (number, []) }
        }
        published.revision += 1
        record.published = published
        changes.append(record.call(as: published, reason: known.count > 1 ? .merged : .update))
        return (number, changes)
    }

    /// Keeps the books of the scopes that calls were and are in, and the fields that the report's own scope and source
    /// own now.
    ///
    /// - Returns: what has become of aggregates that these fields are taken from.
    mutating func keepScopes(
        _ report: Report, before: [CallRecord], after: [CallRecord]
    ) throws(State.Failure) -> [Call] {
        var own = try state.record(of: report.observation.scope)
        for record in before { try change(record.scope, &own) { $0.books.subtract(record) } }
        for record in after { try change(record.scope, &own) { $0.books.add(record) } }
        let displaced = try self.own(report.figures.nonZeroFields, in: &own)
        own.isUnreported = true
        try state.keep(own)
        let displacedOfSource = try ownSource(report)
        let shrunk = policy == .fill ? try shrink(Set((before + after).map(\.scope) + [own.scope])) : []
        return displacedOfSource.isEmpty && shrunk.isEmpty ? displaced : displaced + displacedOfSource + shrunk
    }

    /// Changes a scope's record: the one at hand, or another.
    private mutating func change(
        _ scope: Scope, _ own: inout ScopeRecord, _ body: (inout ScopeRecord) -> Void
    ) throws(State.Failure) {
        if scope == own.scope { return body(&own) }
        var other = try state.record(of: scope)
        body(&other)
        other.isUnreported = true
        try state.keep(other)
    }
}

/// A call that an observation's keys belong to.
struct KnownCall {
    let number: CallNumber
    let record: CallRecord
}

extension Observation {
    /// The key of a report that names no call: its own identity.
    fileprivate var ownKey: CallKey {
        CallKey(space: harness.rawValue, kind: .record, value: id.description)
    }
}
