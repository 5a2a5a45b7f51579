public import Metering
import Wire

/// Turns what clients send into events for the bus: bytes in, events out.
///
/// A record that reports no usage is ignored; one that does and cannot be used becomes a dead letter, and the rest of the
/// request is read all the same.
public struct Intake: Sendable {
    /// The most events of one request; past it the request is refused whole.
    public static let maximumEvents = 65_536

    private let catalog: HarnessCatalog
    private let identityPolicy: IdentityPolicy
    private let tenant: String

    /// Makes an intake.
    ///
    /// - Parameters:
    ///   - catalog: the readers.
    ///   - identityPolicy: what becomes of the identity of users.
    ///   - tenant: whose data it will be.
    public init(
        catalog: HarnessCatalog = .standard, identityPolicy: IdentityPolicy, tenant: String = Scope.defaultTenant
    ) {
        self.catalog = catalog
        self.identityPolicy = identityPolicy
        self.tenant = tenant
    }

    /// Reads an OTLP request.
    ///
    /// - Parameters:
    ///   - body: the request's body, decompressed.
    ///   - signal: what it carries.
    ///   - encoding: how it is written.
    ///   - receivedTime: when it came.
    /// - Throws: `OTLPError` when the body cannot be read at all: nothing of it is taken.
    public func read(
        _ body: [UInt8], signal: OTLPSignal, encoding: OTLPEncoding, receivedTime: Timestamp
    ) throws(OTLPError) -> IntakeResult {
        let collector = RecordCollector(
            catalog: catalog,
            context: context(harness: .unknown, resourceID: RecordHasher("none").identity(), source: "", receivedTime))
        let visited: RecordCollector
        switch encoding {
        case .json:
            var decoder = OTLPJSONDecoder(body, signal: signal, visitor: collector)
            do throws(JSONError) { try decoder.decode() } catch { throw .json(error) }
            visited = decoder.visitor
        case .protobuf:
            var decoder = OTLPProtobufDecoder(body, signal: signal, visitor: collector)
            do throws(ProtobufError) { try decoder.decode() } catch { throw .protobuf(error) }
            visited = decoder.visitor
        }
        guard visited.result.events.count <= Self.maximumEvents else {
            throw .tooManyRecords(limit: Self.maximumEvents)
        }
        return visited.result
    }

    /// Reads lines of a harness's session file.
    ///
    /// - Parameters:
    ///   - text: whole lines; an empty one is passed over.
    ///   - harness: whose file it is.
    ///   - file: a name of the file that stays the same; it is hashed, not kept.
    ///   - receivedTime: when the lines came.
    /// - Returns: `nil` when session files of that harness are not read.
    public func readTranscript(
        _ text: [UInt8], of harness: Harness, file: String, receivedTime: Timestamp
    ) -> IntakeResult? {
        guard var reader = catalog.makeTranscriptReader(for: harness) else { return nil }
        var hasher = RecordHasher("file")
        hasher.add(file)
        let fileID = hasher.identity()
        let context = context(harness: harness, resourceID: fileID, source: "file:\(fileID)", receivedTime)
        var result = IntakeResult()
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let line = text[start..<end]
            start = end + 1
            guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { continue }
            do throws(Rejection) {
                result.add(try reader.observations(in: Array(line), context))
            } catch {
                var hasher = RecordHasher("line")
                hasher.add(line)
                let place = (id: hasher.identity(), channel: Channel.transcript, size: line.count)
                result.add(error, deadLetter(error, place.id, place.channel, place.size, context))
            }
        }
        return result
    }

    private func context(
        harness: Harness, resourceID: ContentID, source: String, _ receivedTime: Timestamp
    ) -> ReadingContext {
        ReadingContext(
            tenant: tenant, receivedTime: receivedTime, identityPolicy: identityPolicy, harness: harness,
            resourceID: resourceID, source: source, attribution: Attribution())
    }
}

/// What became of the records of one request.
public struct IntakeResult: Sendable {
    /// What is to be sent on: an observation for each call or point, a dead letter for each rejected record.
    public internal(set) var events: [IngestEvent] = []
    /// Records that gave observations.
    public internal(set) var accepted = 0
    /// Records that report no usage.
    public internal(set) var ignored = 0
    /// Records that report usage and cannot be used, by reason.
    public internal(set) var rejected: [RejectionReason: Int] = [:]

    /// How many records were rejected.
    public var rejectedCount: Int { rejected.values.reduce(0, +) }

    /// The reasons and how often each was met, in one line; empty when nothing was rejected.
    public var rejectionSummary: String {
        rejected.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) (\($0.value))" }
            .joined(separator: ", ")
    }

    mutating func add(_ observations: [Observation]) {
        guard !observations.isEmpty else {
            ignored += 1
            return
        }
        accepted += 1
        for observation in observations { events.append(.observation(observation)) }
    }

    mutating func add(_ rejection: Rejection, _ letter: DeadLetter) {
        rejected[rejection.reason, default: 0] += 1
        events.append(.deadLetter(letter))
    }
}

/// A dead letter for a record that was rejected.
func deadLetter(
    _ rejection: Rejection, _ id: ContentID, _ channel: Channel, _ size: Int, _ context: ReadingContext
) -> DeadLetter {
    var letter = DeadLetter(
        id: id, tenant: context.tenant, stage: "ingest", reason: rejection.reason.rawValue, time: context.receivedTime)
    letter.harness = context.harness
    letter.channel = channel
    letter.field = rejection.field
    letter.size = Int64(size)
    return letter
}
