import Metering

/// Rule `pairing`: channels that share no identity are joined by the order of their reports within a conversation.
///
/// Which call joins which may change with every report, so companions are kept beside the union of reports that share an
/// identity, and only what is shown of a call takes them in.
extension Reconciler {
    /// Takes in a report that names a pairing, or of a call that has one.
    mutating func acceptPaired(
        _ report: Report, _ bestKey: CallKey, _ known: [KnownCall], _ unbound: [CallKey]
    ) throws(State.Failure) -> Outcome {
        var record: CallRecord
        if let first = known.first?.record {
            record = first
            for other in known.dropFirst() { record.join(other.record) }
            record.insert(report, key: bestKey)
        } else {
            record = CallRecord(report, key: bestKey)
        }
        record.published = known.compactMap(\.record.published).first { $0.key == record.key }
        let number = if let first = known.first { first.number } else { try state.takeNumber() }

        var pairings = PairingChange()
        for entry in known { try remove(entry, from: &pairings) }
        for (name, member) in record.pairings(number) {
            try load(name, into: &pairings)
            pairings.groups[name]?.after.insert(member)
        }
        for entry in known { pairings.records[entry.number] = entry.record }
        try loadTouched(by: known.map(\.number) + [number], except: number, into: &pairings)
        let before = pairings.standing(\.before)
        for entry in known where entry.number != number { pairings.records[entry.number] = nil }
        pairings.records[number] = record
        let after = pairings.standing(\.after)

        let changes = try publish(known, number, before: before, after: after, &pairings.records)
        for entry in known where entry.number != number { try state.redirect(entry.number, to: number) }
        for key in unbound { try state.bind(key, in: report.observation.tenant, to: number) }
        for (name, group) in pairings.groups where group.before != group.after { try state.keep(group.after, of: name) }

        let displaced = try keepScopes(report, before: before.map(\.view), after: after.map(\.view))
        let calls = displaced + changes
        return calls.isEmpty ? .recorded : .changed(CallTransaction(calls: calls))
    }

    private mutating func remove(
        _ entry: KnownCall, from pairings: inout PairingChange
    ) throws(State.Failure) {
        for name in entry.record.pairings(entry.number).keys {
            try load(name, into: &pairings)
            pairings.groups[name]?.after.remove(entry.number)
        }
    }

    /// Loads the calls whose companions change, and the other conversations in which they have some.
    private mutating func loadTouched(
        by calls: [CallNumber], except number: CallNumber, into pairings: inout PairingChange
    ) throws(State.Failure) {
        var touched = pairings.touched(by: calls)
        while true {
            for call in touched where call != number && pairings.records[call] == nil {
                let record = try state.record(of: call)
                pairings.records[call] = record
                for name in record.pairings(call).keys { try load(name, into: &pairings) }
            }
            let next = pairings.touched(by: calls + touched)
            guard next.count > touched.count else { return }
            touched = next
        }
    }

    private mutating func load(_ name: PairingName, into pairings: inout PairingChange) throws(State.Failure) {
        guard pairings.groups[name] == nil else { return }
        let group = try state.group(name)
        pairings.groups[name] = PairingChange.Sides(before: group, after: group)
    }

    /// Tells consumers what changed, what is taken back first, and keeps the records with their revisions.
    private mutating func publish(
        _ known: [KnownCall], _ number: CallNumber, before: [StandingCall], after: [StandingCall],
        _ records: inout [CallNumber: CallRecord]
    ) throws(State.Failure) -> [Call] {
        var retractions: [Call] = []
        var changes: [Call] = []
        for entry in known {
            guard var published = entry.record.published, published.key != records[number]?.key,
                !published.isRetracted
            else { continue }
            published.revision += 1
            retractions.append(entry.record.retraction(as: published, for: records[number]?.key))
        }
        for call in records.keys.sorted() {
            guard var record = records[call] else { continue }
            let view = after.first { $0.number == call }?.view
            if let view {
                let wasShown = before.first { $0.number == call }?.view
                let isNew = call == number && known.isEmpty
                guard let published = try published(record, view, wasShown, call, isNew: isNew) else {
                    if call == number { try state.keep(record, of: call) }
                    continue
                }
                record.published = published
                let isKnown = call == number && !known.isEmpty
                let reason: Call.Reason =
                    published.revision == 1 ? (isKnown ? .merged : .first) : (known.count > 1 ? .merged : .update)
                changes.append(view.call(as: published, reason: reason))
            } else if var published = record.published, !published.isRetracted {
                published.revision += 1
                published.isRetracted = true
                record.published = published
                let base = after.first { $0.companions.contains(call) }
                retractions.append(record.retraction(as: published, for: base?.view.key))
            } else if call != number {
                continue
            }
            records[call] = record
            try state.keep(record, of: call)
        }
        return retractions + changes
    }

    /// Under what a standing call is published now; `nil` where consumers know what it shows.
    private mutating func published(
        _ record: CallRecord, _ view: CallRecord, _ shown: CallRecord?, _ call: CallNumber, isNew: Bool
    ) throws(State.Failure) -> Published? {
        guard var published = record.published else {
            let number = isNew ? call : try state.takeNumber()
            return Published(number: number, key: record.key)
        }
        if !published.isRetracted, let shown, shown.key == view.key,
            shown.call(as: published, reason: .update) == view.call(as: published, reason: .update)
        {
            return nil
        }
        published.revision += 1
        published.isRetracted = false
        return published
    }
}

/// A call that consumers count, with the companions that joined it.
private struct StandingCall {
    let number: CallNumber
    let view: CallRecord
    let companions: Set<CallNumber>
}

/// What a report changes about pairings.
private struct PairingChange {
    struct Sides {
        let before: PairingGroup
        var after: PairingGroup
    }

    var groups: [PairingName: Sides] = [:]
    /// The calls at the places that are touched: those that exist on the side that is looked at.
    var records: [CallNumber: CallRecord] = [:]

    /// The calls whose places change, and those that share one with some calls.
    func touched(by calls: [CallNumber]) -> Set<CallNumber> {
        var touched: Set<CallNumber> = []
        for sides in groups.values {
            let (old, new) = (Set(sides.before.places), Set(sides.after.places))
            for place in old.symmetricDifference(new) { touched.formUnion(place.calls) }
            for place in old.union(new) where place.calls.contains(where: calls.contains) {
                touched.formUnion(place.calls)
            }
        }
        return touched
    }

    /// What is shown of the calls at hand, on one side of the change.
    func standing(_ side: KeyPath<Sides, PairingGroup>) -> [StandingCall] {
        var views = records
        var companions: [CallNumber: Set<CallNumber>] = [:]
        for place in groups.values.flatMap({ $0[keyPath: side].places }) where records[place.base.call] != nil {
            for companion in place.companions {
                views[companion.call] = nil
                companions[place.base.call, default: []].insert(companion.call)
                if let record = records[companion.call] { views[place.base.call]?.attach(record) }
            }
        }
        let standing = views.map { StandingCall(number: $0.key, view: $0.value, companions: companions[$0.key] ?? []) }
        return standing.sorted { $0.number < $1.number }
    }
}
