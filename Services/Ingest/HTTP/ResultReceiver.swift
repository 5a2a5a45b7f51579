import Harnesses
import Hummingbird
import Metering

/// Takes in what runs of agents' commands printed, as `tollbook capture` sends it.
///
/// Only usage is read; nothing else of the output is kept, nor named in an answer or a log line.
struct ResultReceiver: Sendable {
    /// The content types of requests.
    static let contentTypes: Set<String> = ["application/json", "application/x-ndjson", "text/plain"]

    let intake: Intake
    let reception: Reception

    /// Adds the route.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/v1/results/:harness") { request, context in
            let name = context.parameters.get("harness") ?? ""
            guard let harness = Harness(normalising: name), isRead(harness) else { throw Refusal.unknownHarness }
            return try await receive(request, harness)
        }
    }

    private func isRead(_ harness: Harness) -> Bool {
        HarnessCatalog.standard.resultHarnesses.contains(harness)
    }

    private func receive(_ request: Request, _ harness: Harness) async throws -> Response {
        guard let type = request.headers[.contentType].map(mediaType(of:)), Self.contentTypes.contains(type) else {
            throw Refusal.unsupportedMediaType(expected: "application/json, application/x-ndjson or text/plain")
        }
        let invocation = try Self.invocation(of: request)
        let result = try await reception.take(request) { body, receivedTime throws(Refusal) in
            do throws(TranscriptError) {
                return try intake.readResult(body, of: harness, invocation: invocation, receivedTime: receivedTime)
            } catch {
                throw error == .unknownHarness ? .unknownHarness : .tooManyRecords(error.description)
            }
        }
        return IntakeAnswer.response(result)
    }

    /// What the query says of the run.
    private static func invocation(of request: Request) throws(Refusal) -> Invocation {
        let parameters = request.uri.queryParameters
        func text(_ name: Substring) -> String? {
            parameters[name].map { String($0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        func time(_ name: StaticString) throws(Refusal) -> Timestamp? {
            guard let text = text("\(name)") else { return nil }
            guard let time = Timestamp(rfc3339: text) else {
                throw .badParameter("\(name) is not a time like 2026-11-21T00:35:43Z")
            }
            return time
        }
        return Invocation(
            run: text("run"), parentSession: text("parent"), startTime: try time("started"),
            endTime: try time("ended"))
    }
}
