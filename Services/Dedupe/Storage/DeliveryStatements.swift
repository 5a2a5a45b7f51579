import GRDB
import Metering
import Pipeline
import Reconciliation

/// The statements about streams, numbers, dead letters and counters.
struct DeliveryStatements {
    /// What the database was given when it was made, and the numbers it gives out.
    struct Identity {
        let stream: StreamID
        let secret: ContentID
        let nextCall: Int64
        let nextEvent: SequenceNumber
    }

    /// The most dead letters that are kept; whoever may send could fill the disk with them.
    static let maximumLetters = 100_000

    private let keepWatermark, insertGap, insertLetter, dropLetters, keepTally, keepNumbers: PreparedStatement
    private let database: Database

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> PreparedStatement { try PreparedStatement(database, sql) }
        self.database = database
        keepWatermark = try prepare("INSERT OR REPLACE INTO stream (id, watermark) VALUES (?, ?)")
        insertGap = try prepare("INSERT INTO gap (stream, first, last, noticed_at) VALUES (?, ?, ?, ?)")
        insertLetter = try prepare(
            """
            INSERT OR IGNORE INTO dead_letter (
                letter, tenant, stage, reason, harness, channel, field, size, refused_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        dropLetters = try prepare("DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?")
        keepTally = try prepare("INSERT OR REPLACE INTO tally (name, value) VALUES (?, ?)")
        keepNumbers = try prepare("UPDATE identity SET next_call = ?, next_event = ?")
    }

    /// Reads the database's identity, or gives it one.
    func identity() throws -> Identity {
        let read = try PreparedStatement(database, "SELECT stream, secret, next_call, next_event FROM identity")
        let found = try read.first { row in
            (row.text(0), row.bytes(1), nextCall: row.integer(2), nextEvent: row.integer(3))
        }
        if let found {
            guard let stream = StreamID(found.0), let secret = ContentID(bytes: found.1) else {
                throw StateError(table: "identity", row: 1, cause: "the stream or the secret is unreadable")
            }
            return Identity(stream: stream, secret: secret, nextCall: found.nextCall, nextEvent: found.nextEvent)
        }
        let identity = Identity(
            stream: StreamID(), secret: ContentID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)),
            nextCall: 1, nextEvent: 1)
        let insert = try PreparedStatement(
            database, "INSERT INTO identity (id, stream, secret, next_call, next_event) VALUES (1, ?, ?, ?, ?)")
        try insert.run(identity.stream.description, identity.secret.bytes, identity.nextCall, identity.nextEvent)
        return identity
    }

    /// Notes the policy in force; where it was another, what was told of sessions with aggregates may no longer hold.
    func keep(_ policy: ResidualPolicy) throws {
        let before = try PreparedStatement(database, "SELECT policy FROM identity").first { $0.text(0) }
        guard before != policy.rawValue else { return }
        try PreparedStatement(database, "UPDATE identity SET policy = ?").run(policy.rawValue)
        try PreparedStatement(
            database, "UPDATE scope SET is_unreported = 1 WHERE id IN (SELECT scope FROM aggregate)"
        ).run()
    }

    func windows() throws -> [StreamID: OrderedReceiveWindow] {
        var windows: [StreamID: OrderedReceiveWindow] = [:]
        try PreparedStatement(database, "SELECT id, watermark FROM stream").rows { row in
            guard let stream = StreamID(row.text(0)) else {
                throw StateError(table: "stream", row: 0, cause: "a stream is not a UUID")
            }
            windows[stream] = OrderedReceiveWindow(watermark: row.integer(1))
        }
        return windows
    }

    func tally() throws -> Tally {
        var tally = Tally()
        try PreparedStatement(database, "SELECT name, value FROM tally").rows { row in
            if let counter = Tally.Counter(rawValue: row.text(0)) { tally[counter] = row.integer(1) }
        }
        return tally
    }

    func keep(_ tally: Tally, before: Tally) throws {
        for counter in Tally.Counter.allCases where tally[counter] != before[counter] {
            try keepTally.run(counter.rawValue, tally[counter])
        }
    }

    func keep(nextCall: Int64, nextEvent: SequenceNumber) throws {
        try keepNumbers.run(nextCall, nextEvent)
    }

    func keep(_ window: OrderedReceiveWindow, of stream: StreamID) throws {
        try keepWatermark.run(stream.description, window.watermark)
    }

    func insert(gap: Range<SequenceNumber>, of stream: StreamID, noticed: Timestamp) throws {
        try insertGap.run(stream.description, gap.lowerBound, gap.upperBound - 1, noticed.description)
    }

    /// Stores a dead letter and tells whether it is new; the oldest goes where there are too many.
    func insert(_ letter: DeadLetter) throws -> Bool {
        let isNew =
            try insertLetter.run(
                letter.id.bytes, letter.tenant, letter.stage, letter.reason, letter.harness?.rawValue,
                letter.channel?.rawValue, letter.field, letter.size, letter.time.description) == 1
        if isNew { try dropLetters.run(Int64(Self.maximumLetters)) }
        return isNew
    }
}
