import Harnesses
import Hummingbird
import Metering

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
        return IntakeAnswer.response(result)
    }
}
