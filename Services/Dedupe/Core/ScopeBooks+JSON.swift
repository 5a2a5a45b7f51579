import Metering
public import Wire

extension ScopeBooks {
    /// The books as JSON text, for a store.
    ///
    /// Sums are strings: they may pass what a JSON number holds.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.key("counts")
            json.object { json in
                for field in Field.allCases where counted(field) != 0 {
                    json.key(dynamic: field.rawValue)
                    json.string(String(counted(field)))
                }
            }
            json.key("entries")
            json.array { json in
                for entry in entries {
                    json.object { json in
                        json.member("channel", entry.channel.rawValue)
                        json.member("field", entry.field.rawValue)
                        json.member("counted", String(entry.counted))
                        json.member("duplicate", String(entry.duplicate))
                        json.member("superseded", String(entry.superseded))
                        json.member("conflicting", String(entry.conflicting))
                    }
                }
            }
        }
        return json.bytes
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `JSONError` when the text is not books.
    public init(json text: [UInt8]) throws(JSONError) {
        var entries: [Entry] = []
        var counts: [Field: Int128] = [:]
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "counts":
                try json.object { key, json throws(JSONError) in
                    guard let field = Field(rawValue: key.string) else { return try json.skip() }
                    counts[field] = try json.sum()
                }
            case "entries": try json.array { json throws(JSONError) in entries.append(try json.booksEntry()) }
            default: try json.skip()
            }
        }
        try json.finish()
        self.init(entries: entries, counts: counts)
    }
}

extension JSONReader {
    fileprivate mutating func sum() throws(JSONError) -> Int128 {
        let start = index
        guard let sum = Int128(try string()) else { throw JSONError(.invalidNumber, at: start, member: "sum") }
        return sum
    }

    fileprivate mutating func booksEntry() throws(JSONError) -> ScopeBooks.Entry {
        let start = index
        var channel: Channel?
        var field: Field?
        var sums: [Evidence.Verdict: Int128] = [:]
        try object { key, json throws(JSONError) in
            switch key {
            case "channel": channel = try json.name(Channel.self)
            case "field": field = try json.name(Field.self)
            case "counted": sums[.counted] = try json.sum()
            case "duplicate": sums[.duplicate] = try json.sum()
            case "superseded": sums[.superseded] = try json.sum()
            case "conflicting": sums[.conflicting] = try json.sum()
            default: try json.skip()
            }
        }
        guard let channel, let field else { throw JSONError(.missingMember, at: start, member: "entries") }
        var entry = ScopeBooks.Entry(channel: channel, field: field)
        for (verdict, sum) in sums { entry[verdict] = sum }
        return entry
    }
}
