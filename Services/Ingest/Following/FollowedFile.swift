import FileReading
import Harnesses
import Metering

/// One session file that is followed, as far as it is known.
struct FollowedFile {
    /// The index of its folder.
    var folder: Int
    /// Its path below the folder, as it was called last.
    var path: String
    /// How it holds its records.
    let form: SessionFiles.Form
    /// How far it was read.
    var cursor: FileCursor
    /// What was understood of it so far; `nil` where that was given up, and is made again from its start.
    var reading: TranscriptReading?
    /// Where it is being read: before the cursor while what was given up is made again.
    var lines = LineReader()
    /// The file's state when the present reading of it began; `nil` while it is not being read.
    var round: FileCursor.Seen?
    /// Bytes after its last whole line that were read ahead.
    var restRead = 0
    /// When it is worth a look though nothing happened.
    var due: Timestamp?
    /// Whether it waits to be read.
    var isQueued = false
    /// The last search that found it.
    var search = 0
    /// When it was read last, where that is not done at once.
    var lastRead: Timestamp?
    /// What was taken of it before, where it is read whole each time.
    var known: Set<ContentID> = []

    /// The most identities remembered; one more costs that all are sent again, which counts nothing twice.
    private static let maximumKnown = 1 << 20

    /// How long after a change a second one may have the same time: the clocks of file systems stand still in between.
    private static let clockTick = Duration.seconds(1)

    /// When a file is worth another look because what was seen of it may have changed without changing its size and time;
    /// `nil` when its last change is too long ago for that.
    static func unsettled(_ modified: Int64, at now: Timestamp) -> Timestamp? {
        let settled = Timestamp(nanoseconds: modified).advanced(by: clockTick)
        return now < settled ? settled : nil
    }

    /// Forgets all that was read.
    mutating func startOver() {
        cursor = FileCursor(headLength: cursor.headLength)
        reading = nil
        lines = LineReader()
        round = nil
        restRead = 0
    }

    /// The events that were not taken of it before.
    mutating func new(_ result: IntakeResult) -> IntakeResult {
        if known.count > Self.maximumKnown { known.removeAll() }
        return result.filtered { known.insert($0.id).inserted }
    }
}
