public import Wire

/// How far a subscriber came, as it is kept in a file between runs.
public struct FeedCursor: Hashable, Sendable {
    /// The epoch of the number.
    public let epoch: String
    /// The last change that was handed over with the rest of its transaction.
    public let sequence: Int64

    /// Makes a cursor.
    public init(epoch: String, sequence: Int64) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Reads what ``json`` wrote.
    public init(json text: [UInt8]) throws(JSONError) {
        let frame = try FeedFrame(json: text)
        self.init(epoch: frame.epoch, sequence: frame.sequence)
    }

    /// The cursor as JSON text.
    public var json: [UInt8] {
        var json = JSONWriter(capacity: 100)
        json.object { json in
            json.member("epoch", epoch)
            json.member("seq", sequence)
        }
        return json.bytes
    }
}
