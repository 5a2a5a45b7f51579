import DequeModule
import GRDB
import Metering
import Pipeline
import Wire

/// Calls that the ledger has not yet acknowledged, in the same database as the state they follow from.
///
/// New events are staged, written with everything else of a commit, and can be sent only after it. The last ones are
/// also kept in memory, so that sending them reads nothing.
final class StoredOutbox: Outbox {
    /// How many bytes of events are kept in memory at most.
    static let memoryLimit = 16 * 1024 * 1024

    let stream: StreamID
    private(set) var low: SequenceNumber
    private(set) var next: SequenceNumber
    private let pool: DatabasePool
    private let insert, delete: PreparedStatement
    // Durable events up to `next`; those before its first are in the database alone.
    private var recent: Deque<[UInt8]> = []
    private var recentBytes = 0
    private var staged: [[UInt8]] = []
    private var deletedThrough: SequenceNumber

    /// Continues what the database holds.
    init(_ database: Database, pool: DatabasePool, stream: StreamID, next: SequenceNumber) throws {
        self.pool = pool
        self.stream = stream
        self.next = next
        insert = try PreparedStatement(database, "INSERT INTO outbox (sequence, event) VALUES (?, ?)")
        delete = try PreparedStatement(database, "DELETE FROM outbox WHERE sequence <= ?")
        low =
            try PreparedStatement(database, "SELECT ifnull(min(sequence), ?) FROM outbox").first(next) { $0.integer(0) }
            ?? next
        deletedThrough = low - 1
    }

    /// How many events wait to be acknowledged.
    var count: Int64 { next - low }

    /// Whether acknowledged events still take room in the database.
    var isTrimmable: Bool { deletedThrough < low - 1 }

    /// Adds an event to the commit under way.
    func stage(_ event: [UInt8]) {
        precondition(event.count <= Batch.maximumEventBytes, "an event is checked before it enters an outbox")
        staged.append(event)
    }

    /// Writes staged events and removes acknowledged ones; to be called before the commit.
    ///
    /// - Returns: the number after the last staged event.
    func flush() throws -> SequenceNumber {
        var sequence = next
        for event in staged {
            try insert.run(sequence, event)
            sequence += 1
        }
        if isTrimmable { try delete.run(low - 1) }
        return sequence
    }

    /// Makes the staged events visible; to be called after the commit.
    func didCommit() {
        deletedThrough = max(deletedThrough, low - 1)
        for event in staged {
            recent.append(event)
            recentBytes += event.count
        }
        next += Int64(staged.count)
        staged.removeAll(keepingCapacity: true)
        while recentBytes > Self.memoryLimit, let first = recent.popFirst() { recentBytes -= first.count }
    }

    func read(
        from sequence: SequenceNumber, maximumEvents: Int, maximumBytes: Int
    ) throws -> [ArraySlice<UInt8>] {
        guard sequence >= low, sequence < next else { return [] }
        var selection = Selection(maximumEvents: maximumEvents, maximumBytes: maximumBytes)
        let firstRecent = next - Int64(recent.count)
        if sequence >= firstRecent {
            for index in Int(sequence - firstRecent)..<recent.count {
                guard selection.take(recent[index]) else { break }
            }
        } else {
            try readStored(from: sequence, before: firstRecent, into: &selection)
        }
        return selection.events
    }

    /// Lets go of events.
    ///
    /// - Throws: ``AcknowledgedUnsent`` for one that this outbox never held. Had it been lost here, its number would be
    ///   given to another event, which the ledger would take for the one it has.
    func trim(through sequence: SequenceNumber) throws(AcknowledgedUnsent) {
        guard sequence < next else { throw AcknowledgedUnsent(through: sequence, last: next - 1) }
        guard sequence >= low else { return }
        low = sequence + 1
        while next - Int64(recent.count) < low, let first = recent.popFirst() { recentBytes -= first.count }
    }

    private func readStored(
        from sequence: SequenceNumber, before end: SequenceNumber, into selection: inout Selection
    ) throws {
        let last = min(end, sequence + Int64(selection.maximumEvents)) - 1
        try pool.read { database in
            let statement = try PreparedStatement(
                database, "SELECT event FROM outbox WHERE sequence BETWEEN ? AND ? ORDER BY sequence")
            try statement.rows(sequence, last) { row in selection.offer(row.bytes(0)) }
        }
    }
}

/// The ledger has events that this dedupe never handed over: one of the two was replaced and the other was not.
struct AcknowledgedUnsent: Error, CustomStringConvertible {
    let through: SequenceNumber
    let last: SequenceNumber

    var description: String {
        "the ledger has events up to \(through), and this dedupe has handed over \(last): dedupe's data was restored, and "
            + "the ledger was not; restore both from one backup (tollbook restore), or remove both and import history again"
    }
}

/// Events chosen for one frame, within its limits.
private struct Selection {
    let maximumEvents: Int
    let maximumBytes: Int
    private(set) var events: [ArraySlice<UInt8>] = []
    private var bytes = 0
    private var isFull = false

    init(maximumEvents: Int, maximumBytes: Int) {
        self.maximumEvents = maximumEvents
        self.maximumBytes = maximumBytes
    }

    /// Takes the next event if there is room for it; the first always fits.
    mutating func take(_ event: [UInt8]) -> Bool {
        guard !isFull, events.count < maximumEvents, events.isEmpty || bytes + event.count <= maximumBytes else {
            isFull = true
            return false
        }
        events.append(event[...])
        bytes += event.count
        return true
    }

    mutating func offer(_ event: [UInt8]) {
        _ = take(event)
    }
}
