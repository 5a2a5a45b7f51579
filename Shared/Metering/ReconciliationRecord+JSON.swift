public import Wire

extension JSONWriter {
    /// Writes a reconciliation record as an object; sums are strings, those of money in US dollars.
    public mutating func reconciliation(_ record: ReconciliationRecord) {
        object { json in
            json.members(of: record.scope)
            json.member("revision", record.revision)
            json.member("policy", record.policy)
            json.key("owned")
            json.array { json in
                for field in record.owned { json.string(field) }
            }
            json.key("channels")
            json.array { json in
                for entry in record.entries { json.value(entry) }
            }
            json.key("coverage")
            json.array { json in
                for coverage in record.coverage { json.value(coverage) }
            }
        }
    }

    private mutating func value(_ entry: ReconciliationRecord.Entry) {
        object { json in
            json.member("channel", entry.channel.rawValue)
            json.member("field", entry.field)
            json.member("seen", Self.text(entry.seen, of: entry.field))
            json.member("counted", Self.text(entry.counted, of: entry.field))
            json.member("duplicate", Self.text(entry.duplicate, of: entry.field))
            json.member("superseded", Self.text(entry.superseded, of: entry.field))
            json.member("conflicting", Self.text(entry.conflicting, of: entry.field))
        }
    }

    private mutating func value(_ coverage: ReconciliationRecord.Coverage) {
        object { json in
            json.member("field", coverage.field)
            json.member("aggregates", Self.text(coverage.aggregates, of: coverage.field))
            json.member("calls", Self.text(coverage.calls, of: coverage.field))
            json.member("residual", Self.text(coverage.residual, of: coverage.field))
        }
    }

    private static func text(_ sum: Int128, of field: String) -> String {
        field == ReconciliationRecord.costField ? AmountTotal(picodollars: sum).description : String(sum)
    }
}

extension JSONReader {
    /// Reads a reconciliation record.
    public mutating func reconciliation() throws(JSONError) -> ReconciliationRecord {
        let start = index
        var record = ReconciliationRecord(
            scope: Scope(tenant: Scope.defaultTenant, harness: Harness(rawValue: ""), session: ""), revision: 0,
            policy: "", owned: [], entries: [], coverage: [])
        try object { key, json throws(JSONError) in
            switch key {
            case "tenant": record.scope.tenant = try json.string()
            case "harness": record.scope.harness = Harness(rawValue: try json.string())
            case "session": record.scope.session = try json.string()
            case "session_known": record.scope.isSessionKnown = try json.bool()
            case "revision": record.revision = try json.int64()
            case "policy": record.policy = try json.string()
            case "owned":
                try json.array { json throws(JSONError) in record.owned.append(try json.string()) }
            case "channels":
                try json.array { json throws(JSONError) in record.entries.append(try json.reconciliationEntry()) }
            case "coverage":
                try json.array { json throws(JSONError) in record.coverage.append(try json.reconciliationCoverage()) }
            default: try json.skip()
            }
        }
        guard record.revision >= 1 else { throw JSONError(.missingMember, at: start, member: "revision") }
        guard !record.scope.harness.rawValue.isEmpty, !record.scope.session.isEmpty else {
            throw JSONError(.missingMember, at: start, member: "session")
        }
        return record
    }

    private mutating func reconciliationEntry() throws(JSONError) -> ReconciliationRecord.Entry {
        let start = index
        var channel: Channel?
        var sums = SumFields()
        try object { key, json throws(JSONError) in
            switch key {
            case "channel": channel = try json.name(Channel.self)
            default: try sums.read(key, &json)
            }
        }
        guard let channel else { throw JSONError(.missingMember, at: start, member: "channel") }
        let field = sums.field
        return ReconciliationRecord.Entry(
            channel: channel, field: field, counted: try sums.value("counted", at: start),
            duplicate: try sums.value("duplicate", at: start), superseded: try sums.value("superseded", at: start),
            conflicting: try sums.value("conflicting", at: start))
    }

    private mutating func reconciliationCoverage() throws(JSONError) -> ReconciliationRecord.Coverage {
        let start = index
        var sums = SumFields()
        try object { key, json throws(JSONError) in try sums.read(key, &json) }
        return ReconciliationRecord.Coverage(
            field: sums.field, aggregates: try sums.value("aggregates", at: start),
            calls: try sums.value("calls", at: start))
    }
}

/// The sums of one field while they are being read: their unit is known with the field's name.
private struct SumFields {
    private(set) var field = ""
    private var texts: [String: String] = [:]

    mutating func read(_ key: JSONKey, _ json: inout JSONReader) throws(JSONError) {
        switch key {
        case "field": field = try json.string()
        case "counted", "duplicate", "superseded", "conflicting", "aggregates", "calls":
            texts[key.string] = try json.string()
        default: try json.skip()
        }
    }

    func value(_ name: StaticString, at offset: Int) throws(JSONError) -> Int128 {
        guard !field.isEmpty else { throw JSONError(.missingMember, at: offset, member: "field") }
        guard let text = texts["\(name)"] else { return 0 }
        let isMoney = field == ReconciliationRecord.costField
        guard let sum = isMoney ? AmountTotal(dollars: text)?.picodollars : Int128(text) else {
            throw JSONError(.invalidNumber, at: offset, member: "\(name)")
        }
        return sum
    }
}
