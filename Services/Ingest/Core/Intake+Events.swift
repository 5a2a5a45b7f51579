import Metering
public import Wire

extension Intake {
    /// Takes in events that readers elsewhere made, such as those of `tollbook import` and `tollbook capture`: they read
    /// where the files are, so that no payload travels.
    ///
    /// Whose data it is and what is kept of users is decided here, not by the sender.
    ///
    /// - Parameter text: an event on each line, in the form of the bus.
    /// - Throws: `EventsError` when a line is no event: nothing is taken then, since a program made it and is wrong.
    public func readEvents(_ text: [UInt8]) throws(EventsError) -> IntakeResult {
        let users = UserNames(policy: identityPolicy)
        var result = IntakeResult()
        var start = 0
        var number = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            defer { start = end + 1 }
            number += 1
            guard end > start else { continue }
            guard result.events.count < Self.maximumEvents else { throw .tooManyEvents(limit: Self.maximumEvents) }
            do throws(JSONError) {
                var json = JSONReader(text, in: start..<end)
                result.add(owned(try IngestEvent(from: &json), users))
            } catch {
                throw .malformed(line: number, error)
            }
        }
        return result
    }

    private func owned(_ event: IngestEvent, _ users: UserNames) -> IngestEvent {
        switch event {
        case .observation(var observation):
            observation.tenant = tenant
            observation.attribution.user = observation.attribution.user.flatMap(users.kept(of:))
            return .observation(observation)
        case .deadLetter(var letter):
            letter.tenant = tenant
            return .deadLetter(letter)
        }
    }
}

extension IntakeResult {
    fileprivate mutating func add(_ event: IngestEvent) {
        switch event {
        case .observation: accepted += 1
        case .deadLetter(let letter):
            if let reason = RejectionReason(rawValue: letter.reason) { rejected[reason, default: 0] += 1 }
        }
        events.append(event)
    }
}

/// Why no event of a request was taken.
public enum EventsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A line is not an event.
    case malformed(line: Int, JSONError)
    /// There are more events than one request may hold.
    case tooManyEvents(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .malformed(let line, let error): "line \(line) is not an event: \(error)"
        case .tooManyEvents(let limit): "there are more than \(limit) events; send fewer at a time"
        }
    }
}
