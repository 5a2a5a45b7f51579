/// The newest changes, so that many readers of them do not ask the database for the same.
struct RecentChanges {
    private static let maximumCount = 4096
    private static let maximumBytes = 8 << 20

    private var bodies: ArraySlice<[UInt8]> = []
    private var byteCount = 0
    /// The number of the last change held.
    private var last: Int64 = 0

    /// Takes changes that follow those held; where something is missing between, only the new ones are held.
    mutating func append(_ changes: [PublishedChange]) {
        guard let first = changes.first, let end = changes.last else { return }
        if first.sequence != last + 1 {
            bodies = []
            byteCount = 0
        }
        for change in changes {
            bodies.append(change.body)
            byteCount += change.body.count
        }
        last = end.sequence
        while bodies.count > Self.maximumCount || byteCount > Self.maximumBytes, let oldest = bodies.first {
            byteCount -= oldest.count
            bodies.removeFirst()
        }
    }

    /// Changes after a number; `nil` where some of them are no longer, or not yet, held.
    func changes(after sequence: Int64, limit: Int) -> [[UInt8]]? {
        let first = last - Int64(bodies.count)
        guard sequence >= first, sequence < last else { return nil }
        return Array(bodies.dropFirst(Int(sequence - first)).prefix(limit))
    }
}
