public import Wire

/// A page of `/v1/changes`.
public struct ChangePage: Hashable, Sendable {
    /// The changes, each as JSON text, in order.
    public let changes: [[UInt8]]
    /// The epoch of the ledger.
    public let epoch: String
    /// The ledger's last number.
    public let last: Int64

    /// Reads a page.
    public init(json text: [UInt8]) throws(JSONError) {
        var changes: [Range<Int>] = []
        var epoch: String?
        var last: Int64?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "epoch": epoch = try json.string()
            case "last_seq": last = try json.int64()
            case "changes": try json.array { json throws(JSONError) in changes.append(try json.raw()) }
            default: try json.skip()
            }
        }
        try json.finish()
        guard let epoch else { throw JSONError(.missingMember, at: 0, member: "epoch") }
        guard let last else { throw JSONError(.missingMember, at: 0, member: "last_seq") }
        self.changes = changes.map { Array(text[$0]) }
        self.epoch = epoch
        self.last = last
    }
}
