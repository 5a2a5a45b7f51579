import Harnesses
import Hummingbird
import Metering
import Wire

/// Takes in lines of session files, as `tollbook import` sends them.
struct TranscriptReceiver: Sendable {
    /// The content type of requests: one JSON text a line.
    static let contentType = "application/x-ndjson"

    let intake: Intake
    let reception: Reception

    /// Adds the route.
    ///
    /// The query's `file` is any name of the file that stays the same; it keeps lines without a session apart, and only its
    /// hash is kept.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/v1/transcripts/:harness") { request, context in
            let name = context.parameters.get("harness") ?? ""
            guard let harness = Harness(normalising: name), isRead(harness) else { throw Refusal.unknownHarness }
            return try await receive(request, harness)
        }
    }

    private func isRead(_ harness: Harness) -> Bool {
        HarnessCatalog.standard.transcriptHarnesses.contains(harness)
    }

    private func receive(_ request: Request, _ harness: Harness) async throws -> Response {
        guard request.headers[.contentType].map(mediaType(of:)) == Self.contentType else {
            throw Refusal.unsupportedMediaType(expected: Self.contentType)
        }
        let file = request.uri.queryParameters["file"].map { String($0) } ?? ""
        let result = try await reception.take(request) { body, receivedTime throws(Refusal) in
            do throws(TranscriptError) {
                return try intake.readTranscript(body, of: harness, file: file, receivedTime: receivedTime)
            } catch {
                throw error == .unknownHarness ? .unknownHarness : .tooManyRecords(error.description)
            }
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: Self.answer(result))))
    }

    private static func answer(_ result: IntakeResult) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("accepted", Int64(result.accepted))
            json.member("ignored", Int64(result.ignored))
            json.member("rejected", Int64(result.rejectedCount))
            json.key("reasons")
            json.object { json in
                for (reason, count) in result.rejected.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    json.key(dynamic: reason.rawValue)
                    json.integer(Int64(count))
                }
            }
        }
        return json.bytes
    }
}
