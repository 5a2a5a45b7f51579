public import Metering
public import Wire

/// What could not be used, as dedupe lists it.
public struct DeadLetterList: Hashable, Sendable {
    /// Letters that are alike.
    public let groups: [Group]
    /// Single letters, the last refused first.
    public let letters: [Letter]

    /// One letter.
    public struct Letter: Hashable, Sendable {
        /// Its identity.
        public let id: ContentID
        /// The service that refused what it stands for.
        public let stage: String
        /// The member at fault.
        public let field: String?
    }

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
        var letters: [Letter] = []
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "groups": try json.array { json throws(JSONError) in groups.append(try Self.group(&json)) }
            case "letters":
                try json.array { json throws(JSONError) in
                    if let letter = try Self.letter(&json) { letters.append(letter) }
                }
            default: try json.skip()
            }
        }
        try json.finish()
        self.groups = groups
        self.letters = letters
    }

    private static func letter(_ json: inout JSONReader) throws(JSONError) -> Letter? {
        var id: ContentID?
        var (stage, field): (String, String?) = ("", nil)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "id": id = ContentID(hexadecimal: try json.string())
            case "stage": stage = try json.string()
            case "field": field = try json.optionalString()
            default: try json.skip()
            }
        }
        return id.map { Letter(id: $0, stage: stage, field: field) }
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
    ///
    /// - Parameter reason: the one that was asked for; `nil` where all were.
    public func text(isColoured: Bool, reason: String? = nil) -> String {
        guard !groups.isEmpty else {
            return reason.map { "No dead letter has the reason \($0).\n" } ?? "Everything that came could be used.\n"
        }
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
