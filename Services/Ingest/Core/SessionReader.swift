import Metering

/// Reads one session file of a harness, in the form in which the harness keeps it.
enum SessionReader: Sendable {
    /// The file has a record on each line, and grows. The rows of a database are read alike: each is a line.
    case lines(any TranscriptReader)
    /// The file is one document, and is written anew when something changes.
    case document(any DocumentReader)
}

/// Turns the lines of one session file into observations; it sees them in order, from the first one on.
protocol TranscriptReader: Sendable {
    /// What a line reports.
    ///
    /// - Parameter line: one line of the file, without its end.
    mutating func observations(in line: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation]
}

/// Turns a session file that is one document into observations.
protocol DocumentReader: Sendable {
    /// Reads the whole document, record by record: one that cannot be used does not spoil the others.
    ///
    /// - Throws: what is wrong with the document as a whole.
    mutating func read(_ document: [UInt8], into records: inout RecordSink) throws(Rejection)
}

/// Turns what one run of a harness's command prints into observations; it sees it in order, from its beginning on.
protocol ResultReader: Sendable {
    /// What a JSON text of the output reports: a line, a document over several lines, or an element of a list.
    mutating func observations(in record: [UInt8], _ context: ReadingContext) throws(Rejection) -> [Observation]
    /// What is left to report when the output has ended.
    mutating func finish(_ context: ReadingContext) -> [Observation]
    /// The figures of the latest record that could not be used, though others of it were; each is told once.
    mutating func takeProblems() -> [Rejection]
}

extension ResultReader {
    mutating func finish(_ context: ReadingContext) -> [Observation] { [] }
    mutating func takeProblems() -> [Rejection] { [] }
}

/// Gathers what the records of a text report: observations of those that can be used, dead letters of the others.
struct RecordSink {
    /// Where the records stand.
    let context: ReadingContext
    /// How they reached us.
    let channel: Channel
    private(set) var result = IntakeResult()
    private let limit: Int

    /// - Parameter limit: the most events that are of use: where there are more, nothing is taken of any.
    init(_ context: ReadingContext, channel: Channel, limit: Int) {
        self.context = context
        self.channel = channel
        self.limit = limit
    }

    /// Whether there are too many events; one past the limit is enough to know, and no more are made.
    var isOverfull: Bool { result.events.count > limit }

    /// Takes a record: what a closure makes of it, or the reason why nothing can be made of it.
    ///
    /// - Parameter bytes: the record's text; hashed for the name of a dead letter, not kept.
    mutating func add(_ bytes: ArraySlice<UInt8>, _ read: () throws(Rejection) -> [Observation]) {
        guard !isOverfull else { return }
        do throws(Rejection) {
            result.add(try read())
        } catch {
            reject(bytes, error)
        }
    }

    /// Notes what of a record cannot be used.
    mutating func reject(_ bytes: ArraySlice<UInt8>, _ rejection: Rejection) {
        guard !isOverfull else { return }
        let identity = DeadLetter.identity(ofLine: bytes, field: rejection.field)
        result.reject(identity, rejection, channel, size: bytes.count, context)
    }

    /// Takes what is reported by no record alone.
    mutating func add(_ observations: [Observation]) {
        if !observations.isEmpty { result.add(observations) }
    }
}

/// The session file that is read, as far as what is in it depends on the file.
public struct SessionFile: Sendable {
    /// Where the file lies, seen from the harness's folder or from any folder above; `/` between the parts, empty where
    /// it is not known.
    ///
    /// It is hashed, not kept.
    public let path: String
    /// Other session files of the harness, which some files can only be understood with.
    let siblings: SiblingFiles

    /// Names a file.
    public init(path: String, siblings: SiblingFiles = .unreachable) {
        self.path = path.replacing("\\", with: "/")
        self.siblings = siblings
    }

    /// The file's own name.
    var name: Substring { path.split(separator: "/").last ?? "" }
    /// The names of the folders above it, nearest last.
    var folders: [Substring] { path.split(separator: "/").dropLast() }
}

/// The session files beside the one that is read: a conversation's fork cannot be told from its copy of the
/// original without the original.
public struct SiblingFiles: Sendable {
    /// Hands over each line of the file, without its end, until the closure gives `false`.
    public typealias Lines = (_ line: ArraySlice<UInt8>) -> Bool
    /// Finds the file whose name contains a text; gives `false` when there is none.
    public let read: @Sendable (_ namePart: String, _ lines: Lines) -> Bool

    /// Makes files from a function that finds them.
    public init(_ read: @escaping @Sendable (_ namePart: String, _ lines: Lines) -> Bool) {
        self.read = read
    }

    /// No other file can be reached, as when lines come over the network.
    public static let unreachable = SiblingFiles { _, _ in false }
}
