public import Metering

extension TranscriptReading {
    /// Reads what stands after the last end of a line, as if the file ended there; the line may yet be finished, so nothing
    /// of it is remembered.
    ///
    /// A line that is no JSON is rejected as unfinished.
    public func readingAhead(_ rest: [UInt8], receivedTime: Timestamp) -> IntakeResult {
        var ahead = self
        return ahead.read(rest, receivedTime: receivedTime).renaming(.malformedLine, to: .unfinishedLine)
    }

    /// Takes note of a line that is too long to be read.
    ///
    /// - Parameters:
    ///   - head: its first bytes; hashed, not kept.
    ///   - size: how many it has.
    public func rejectingLine(head: [UInt8], size: Int64, receivedTime: Timestamp) -> IntakeResult {
        var context = context
        context.receivedTime = receivedTime
        var hasher = RecordHasher("line")
        hasher.add(head[...])
        hasher.add(size)
        var result = IntakeResult()
        result.reject(hasher.identity(), Rejection(.oversizedLine), .transcript, size: Int(size), context)
        return result
    }
}

extension DeadLetter {
    /// The identity of the letter that a line of a session file, or another record of it, gets where it cannot be used: by
    /// this a letter, which holds nothing of the line, finds it again.
    ///
    /// - Parameter field: the member at fault, as the letter names it: a line may have several.
    public static func identity(ofLine line: ArraySlice<UInt8>, field: String?) -> ContentID {
        var hasher = RecordHasher("line")
        hasher.add(line)
        hasher.add(field ?? "")
        return hasher.identity()
    }
}

extension IntakeResult {
    /// The same with another name for a reason.
    fileprivate func renaming(_ reason: RejectionReason, to name: RejectionReason) -> IntakeResult {
        var renamed = self
        renamed.rejected[name] = renamed.rejected.removeValue(forKey: reason)
        renamed.events = events.map { event in
            guard case .deadLetter(var letter) = event, letter.reason == reason.rawValue else { return event }
            letter.reason = name.rawValue
            return .deadLetter(letter)
        }
        return renamed
    }
}
