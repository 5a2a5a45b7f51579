import Metering
import Wire

extension ReadingContext {
    /// Identity of a record of a session file or a command's output: what it says, not where it stands.
    ///
    /// A file that is rewritten says the same. Records that name no session are told apart by their file.
    func id(of record: Attributes, _ kind: StaticString, session: String?) -> ContentID {
        var hasher = RecordHasher(kind)
        hasher.add(harness.rawValue)
        hasher.add(session ?? source)
        hasher.add(record)
        return hasher.identity()
    }

    /// The key of a call that has no id: where and when it was reported, and what it used.
    func recordKey(session: String?, time: Timestamp?, _ parts: String?...) -> CallKey {
        let place = [session ?? source, time.map { String($0.nanoseconds) } ?? ""] + parts.map { $0 ?? "" }
        return CallKey(space: harness.rawValue, kind: .record, value: place.joined(separator: ":"))
    }

    /// What pairs the reports of a call on channels that share no identity: its model and some of its counts.
    ///
    /// `nil` where the conversation is not known.
    ///
    /// The conversation itself is no part of it: a fork's copy, which is the same call, names another one.
    func pairing(session: String?, model: String?, _ counts: Int64?...) -> ContentID? {
        guard session != nil else { return nil }
        var hasher = RecordHasher("pairing")
        hasher.add(harness.rawValue)
        hasher.add(model ?? "")
        for count in counts { hasher.add(count) }
        return hasher.identity()
    }
}

extension TokenCounts {
    /// The counts as text that is the same for the same counts.
    var vector: String {
        TokenClass.allCases.map { self[$0].map(String.init) ?? "" }.joined(separator: ",")
    }
}

extension FieldReader {
    /// Reads a line of a session file or of a command's output.
    func line(_ text: [UInt8]) throws(Rejection) -> Record {
        do throws(JSONError) { return try read(text) } catch { throw Rejection(.malformedLine) }
    }

    /// Reads a session file that is one document.
    func document(_ text: [UInt8]) throws(Rejection) -> Record {
        do throws(JSONError) { return try read(text) } catch { throw Rejection(.malformedDocument) }
    }

    /// Reads an element of a text that was read already and is a scalar; what is none counts as an empty list.
    static func scalar(_ text: [UInt8], _ element: Element) throws(Rejection) -> AttributeValue {
        var json = JSONReader(text, in: element.range)
        do throws(JSONError) { return try json.scalar() } catch { throw Rejection(.malformedLine) }
    }

    /// Reads an element of a text that was read already.
    func element(_ text: [UInt8], _ element: Element) throws(Rejection) -> Attributes {
        do throws(JSONError) {
            return try read(text, in: element.range).fields
        } catch {
            throw Rejection(.malformedLine)
        }
    }
}
