public import Metering
public import Wire

/// What could not be used, as dedupe lists it.
public struct DeadLetterList: Hashable, Sendable {
    /// Letters that are alike.
    public let groups: [Group]
    /// The identities of single letters, the last refused first.
    public let letters: [ContentID]

    /// Letters with the same reason from the same source.
    public struct Group: Hashable, Sendable {
        /// The service that refused them.
        public var stage = ""
        /// Why.
        public var reason = ""
        /// Whose they were, where that could be told.
        public var harness: String?
        /// How they came, where that could be told.
        public var channel: String?
        /// The member at fault.
        public var field: String?
        /// How many there are.
        public var count: Int64 = 0
        /// When the first was refused.
        public var first = ""
        /// When the last was refused.
        public var last = ""
    }

    /// Reads an answer of `/v1/dead-letters`.
    public init(json text: [UInt8]) throws(JSONError) {
        var groups: [Group] = []
        var letters: [ContentID] = []
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "groups": try json.array { json throws(JSONError) in groups.append(try Self.group(&json)) }
            case "letters":
                try json.array { json throws(JSONError) in
                    try json.object { key, json throws(JSONError) in
                        guard case "id" = key else { return try json.skip() }
                        if let id = ContentID(hexadecimal: try json.string()) { letters.append(id) }
                    }
                }
            default: try json.skip()
            }
        }
        try json.finish()
        self.groups = groups
        self.letters = letters
    }

    private static func group(_ json: inout JSONReader) throws(JSONError) -> Group {
        var group = Group()
        try json.object { key, json throws(JSONError) in
            switch key {
            case "stage": group.stage = try json.string()
            case "reason": group.reason = try json.string()
            case "harness": group.harness = try json.optionalString()
            case "channel": group.channel = try json.optionalString()
            case "field": group.field = try json.optionalString()
            case "count": group.count = try json.int64()
            case "first": group.first = try json.string()
            case "last": group.last = try json.string()
            default: try json.skip()
            }
        }
        return group
    }

    /// The groups as a table.
    public func text(isColoured: Bool) -> String {
        guard !groups.isEmpty else { return "Everything that came could be used.\n" }
        var table = TextTable(columns: [
            .init("Reason"), .init("Harness"), .init("Channel"), .init("Field"), .init("Refused by"),
            .init("Count", isRightAligned: true), .init("Last"),
        ])
        for group in groups {
            table.rows.append(
                .init([
                    group.reason, group.harness ?? "-", group.channel ?? "-", group.field ?? "-", group.stage,
                    NumberText.grouped(group.count), group.last,
                ]))
        }
        return table.text(isColoured: isColoured)
    }
}
