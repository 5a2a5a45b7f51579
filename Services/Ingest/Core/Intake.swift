public import Metering
import Wire

/// Turns what clients send into events for the bus: bytes in, events out.
///
/// A record that reports no usage is ignored; one that does and cannot be used becomes a dead letter, and the rest of the
/// request is read all the same.
public struct Intake: Sendable {
    /// The most events of one request; past it the request is refused whole.
    public static let maximumEvents = 65_536

    let catalog: HarnessCatalog
    let identityPolicy: IdentityPolicy
    let tenant: String

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

    /// Reads text of a harness's session file at once: whole lines, or a whole document.
    ///
    /// - Parameters:
    ///   - text: whole lines, an empty one is passed over; or the document.
    ///   - harness: whose file it is.
    ///   - file: the file's path, or any name of it that stays the same; it is hashed, not kept.
    ///   - receivedTime: when the text came.
    /// - Throws: `TranscriptError` when nothing of the text is taken.
    public func readTranscript(
        _ text: [UInt8], of harness: Harness, file: String, receivedTime: Timestamp
    ) throws(TranscriptError) -> IntakeResult {
        guard var reading = beginTranscript(of: harness, file: SessionFile(path: file)) else {
            throw .unknownHarness
        }
        let result = reading.read(text, receivedTime: receivedTime, limit: Self.maximumEvents)
        guard result.events.count <= Self.maximumEvents else { throw .tooManyRecords(limit: Self.maximumEvents) }
        return result
    }

    /// Begins reading a session file of a harness, to be handed over piece by piece from its first line on.
    ///
    /// - Returns: `nil` when files of the harness, or this one, are not read.
    public func beginTranscript(of harness: Harness, file: SessionFile) -> TranscriptReading? {
        guard let reader = catalog.makeSessionReader(for: harness, of: file) else { return nil }
        var hasher = RecordHasher("file")
        hasher.add(file.path)
        let id = hasher.identity()
        return TranscriptReading(
            reader, context(harness: harness, resourceID: id, source: "file:\(id)", Timestamp(nanoseconds: 0)))
    }

    /// Reads what a run of a harness's command printed.
    ///
    /// - Parameters:
    ///   - output: all that it printed; what is not JSON is passed over.
    ///   - harness: whose command it was.
    ///   - invocation: what else is known of the run.
    ///   - receivedTime: when the output came.
    /// - Throws: `TranscriptError` when nothing of the output is taken.
    public func readResult(
        _ output: [UInt8], of harness: Harness, invocation: Invocation = Invocation(), receivedTime: Timestamp
    ) throws(TranscriptError) -> IntakeResult {
        guard var reading = beginResult(of: harness, invocation: invocation) else { throw .unknownHarness }
        var result = reading.read(output, receivedTime: receivedTime, limit: Self.maximumEvents)
        result.add(contentsOf: reading.finish(receivedTime: receivedTime, limit: Self.maximumEvents))
        guard result.events.count <= Self.maximumEvents else { throw .tooManyRecords(limit: Self.maximumEvents) }
        return result
    }

    /// Begins reading what a run of a harness's command prints, to be handed over piece by piece.
    ///
    /// - Returns: `nil` when output of the harness is not read.
    public func beginResult(of harness: Harness, invocation: Invocation) -> ResultReading? {
        guard let reader = catalog.makeResultReader(for: harness, of: invocation) else { return nil }
        var hasher = RecordHasher("run")
        hasher.add(invocation.run ?? "")
        let id = hasher.identity()
        return ResultReading(
            reader, context(harness: harness, resourceID: id, source: "run:\(id)", Timestamp(nanoseconds: 0)))
    }

    func context(
        harness: Harness, resourceID: ContentID, source: String, _ receivedTime: Timestamp
    ) -> ReadingContext {
        ReadingContext(
            tenant: tenant, receivedTime: receivedTime, users: UserNames(policy: identityPolicy), harness: harness,
            resourceID: resourceID, source: source, attribution: Attribution())
    }
}
