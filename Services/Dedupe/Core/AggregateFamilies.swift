import Metering
public import Wire

/// Which families of counters report which fields of a scope; a family is an authority on a channel.
///
/// Rule `aggregate-authority`: families describe the same calls, so they do not add up. Each field is taken from the
/// family believed first of those that report it with something other than zero.
public struct AggregateFamilies: Hashable, Sendable {
    // The families, believed first first.
    private var rows: [Row] = []

    private struct Row: Hashable, Sendable {
        let rank: ChannelRank
        var fields: FieldSet
    }

    /// Starts with no family.
    public init() {}

    /// Notes that a family reports a field.
    ///
    /// - Returns: whether the field is taken from another family now.
    mutating func add(_ field: Field, of rank: ChannelRank) -> Bool {
        let before = winner(of: field)
        let index = rows.firstIndex { $0.rank >= rank } ?? rows.endIndex
        if index == rows.endIndex || rows[index].rank != rank {
            rows.insert(Row(rank: rank, fields: FieldSet(field)), at: index)
        } else {
            rows[index].fields.insert(FieldSet(field))
        }
        return rows.count > 1 && before != winner(of: field)
    }

    /// Whether a field is taken from a family.
    func admits(_ field: Field, of rank: ChannelRank) -> Bool {
        winner(of: field).map { $0 == rank } ?? true
    }

    private func winner(of field: Field) -> ChannelRank? {
        rows.first { $0.fields.contains(field) }?.rank
    }

    /// The families as JSON text, for a store.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 64)
        json.array { json in
            for row in rows {
                json.object { json in
                    json.member("channel", row.rank.channel.rawValue)
                    json.member("authority", row.rank.authority)
                    json.member("fields", Int64(row.fields.rawValue))
                }
            }
        }
        return json.bytes
    }

    /// Reads what ``json`` wrote; no text is no family.
    ///
    /// - Throws: `JSONError` when the text is not families.
    public init(json text: [UInt8]) throws(JSONError) {
        guard !text.isEmpty else { return }
        var rows: [Row] = []
        var json = JSONReader(text)
        try json.array { json throws(JSONError) in
            let offset = json.index
            var channel: Channel?
            var authority: Int64?
            var fields: FieldSet = []
            try json.object { key, json throws(JSONError) in
                switch key {
                case "channel": channel = try json.name(Channel.self)
                case "authority": authority = try json.int64()
                case "fields": fields = FieldSet(rawValue: UInt8(truncatingIfNeeded: try json.int64()))
                default: try json.skip()
                }
            }
            guard let channel, let authority else { throw JSONError(.missingMember, at: offset, member: "families") }
            rows.append(Row(rank: ChannelRank(authority: authority, channel: channel), fields: fields))
        }
        try json.finish()
        self.rows = rows
    }
}

/// What decides about the fields of one bucket: the fields calls own there, and the families of its scope.
struct AggregateClaims {
    /// Fields that single calls report.
    let owned: FieldSet
    /// The rule by which they own them.
    let ownership: Rule
    let families: AggregateFamilies

    /// Why a field of a family does not count; `nil` when it does.
    func refusal(of field: Field, of rank: ChannelRank) -> Rule? {
        if owned.contains(field) { return ownership }
        return families.admits(field, of: rank) ? nil : .aggregateAuthority
    }
}
