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
    /// - Throws: `TranscriptError` when nothing of the lines is taken.
    public func readTranscript(
        _ text: [UInt8], of harness: Harness, file: String, receivedTime: Timestamp
    ) throws(TranscriptError) -> IntakeResult {
        guard var reader = catalog.makeTranscriptReader(for: harness) else { throw .unknownHarness }
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
                result.reject(hasher.identity(), error, .transcript, size: line.count, context)
            }
            guard result.events.count <= Self.maximumEvents else { throw .tooManyRecords(limit: Self.maximumEvents) }
        }
        return result
    }

    private func context(
        harness: Harness, resourceID: ContentID, source: String, _ receivedTime: Timestamp
    ) -> ReadingContext {
        ReadingContext(
            tenant: tenant, receivedTime: receivedTime, users: UserNames(policy: identityPolicy), harness: harness,
            resourceID: resourceID, source: source, attribution: Attribution())
    }
}
