import FileReading
import Harnesses
import Metering

/// How a file of lines is read while others write it.
///
/// Every question to the system is answered by itself, and the file may be cut off, written anew or go on growing between
/// any two. So a part counts as read only once the file, asked again, holds it behind what was read before: what was only
/// half there when it was read would otherwise be passed over for good.
extension FollowedFile {
    /// How long a last line without an end is left alone before it is read ahead.
    static let quietTime = Duration.seconds(5)
    /// How long it is waited for before it is given up, if it is no JSON.
    static let patience = Duration.seconds(600)

    /// What became of a part.
    enum Step {
        /// It was read.
        case read(IntakeResult, bytes: Int)
        /// It was read, and nothing is behind it.
        case ended(IntakeResult, bytes: Int)
        /// It was read before, and what was understood of it then is understood again.
        case repeated
        /// It changed while it was read.
        case unsure
        /// What was read before is not in the file any more: the file will be read from its start.
        case startedOver

        /// Whether nothing is left to read.
        var isEnd: Bool { if case .ended = self { true } else { false } }
    }

    /// Reads a part of a file of lines.
    mutating func readLines(
        in file: borrowing some ReadableFile & ~Copyable, at now: Timestamp
    ) throws(FileFailure) -> Step {
        let status = try file.status()
        guard cursor.look(at: (status.size, status.modified)) != .rewritten else {
            startOver()
            return .startedOver
        }
        // Before anything is read: what is written meanwhile makes another look necessary.
        if round == nil { round = FileCursor.Seen(size: status.size, modified: status.modified) }
        let isRepeating = lines.offset < cursor.offset
        var next = lines
        let part = try next.next(in: file, upTo: isRepeating ? cursor.offset : .max)
        let stands = try part.stands(in: file, at: lines.offset)
        guard try file.holds(cursor) else {
            startOver()
            return .startedOver
        }
        guard stands else { return .unsure }
        lines = next
        return isRepeating ? `repeat`(part, at: now) : take(part, status, at: now)
    }

    private mutating func `repeat`(_ part: LineReader.Part, at now: Timestamp) -> Step {
        switch part {
        case .lines(let text): _ = reading?.read(text, receivedTime: now)
        case .oversizedLine: break
        case .end:
            // No line ends at the cursor any more.
            startOver()
            return .startedOver
        }
        return .repeated
    }

    private mutating func take(_ part: LineReader.Part, _ status: FileStatus, at now: Timestamp) -> Step {
        switch part {
        case .lines(let text):
            cursor.advance(past: text)
            restRead = 0
            return .read(reading?.read(text, receivedTime: now) ?? IntakeResult(), bytes: text.count)
        case .oversizedLine(let size, let head):
            cursor.advance(pastLineWith: head, size: size)
            restRead = 0
            let result = reading?.rejectingLine(head: head, size: size, receivedTime: now)
            return .read(result ?? IntakeResult(), bytes: head.count)
        case .end(let rest):
            return finish(rest, status, at: now)
        }
    }

    private mutating func finish(_ rest: [UInt8], _ status: FileStatus, at now: Timestamp) -> Step {
        cursor.seen = round
        round = nil
        due = Self.unsettled(status.modified, at: now)
        let nothing = Step.ended(IntakeResult(), bytes: 0)
        guard !rest.isEmpty, rest.count != restRead, let reading else { return nothing }
        let written = Timestamp(nanoseconds: status.modified)
        guard now >= written.advanced(by: Self.quietTime) else {
            due = due ?? written.advanced(by: Self.quietTime)
            return nothing
        }
        let result = reading.readingAhead(rest, receivedTime: now)
        guard result.rejectedCount == 0 || now >= written.advanced(by: Self.patience) else {
            due = written.advanced(by: Self.patience)
            return nothing
        }
        restRead = rest.count
        return .ended(result, bytes: rest.count)
    }
}

extension ReadableFile where Self: ~Copyable {
    /// Whether the bytes behind a cursor are still those that were read.
    fileprivate func holds(_ cursor: FileCursor) throws(FileFailure) -> Bool {
        guard try holds(cursor.head, at: 0) else { return false }
        return try holds(cursor.tail, at: cursor.offset - Int64(cursor.tail.length))
    }

    private func holds(_ fingerprint: Fingerprint, at offset: Int64) throws(FileFailure) -> Bool {
        guard fingerprint.length > 0 else { return true }
        return Fingerprint(of: try read(fingerprint.length, at: offset)[...]) == fingerprint
    }
}
