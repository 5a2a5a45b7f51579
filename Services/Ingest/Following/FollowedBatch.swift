import FileReading
import Harnesses

/// What was read of session files and is not yet safe, with the cursors that may be kept once it is.
struct FollowedBatch {
    /// The events, and what else became of records.
    private(set) var result = IntakeResult()
    /// Bytes that were read.
    private(set) var bytes = 0
    /// Where files stand once the events are safe.
    var cursors: [FileIdentity: FileCursor] = [:]
    /// Files that could not be read.
    var failures = 0

    /// Whether it is time to make it safe.
    var isFull: Bool { result.events.count >= 2048 || bytes >= 16 << 20 }

    /// Takes in what a part of a file held.
    mutating func add(_ more: IntakeResult, bytes: Int) {
        result.add(contentsOf: more)
        self.bytes += bytes
    }
}
