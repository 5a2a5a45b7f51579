import HTTPTypes
import Harnesses
import Hummingbird

/// Takes in what providers' APIs answered, as a gateway passes it on: bodies and streams, of which the usage alone is read.
struct ResponseReceiver: Sendable {
    let intake: Intake
    let reception: Reception

    /// Adds the route.
    ///
    /// What an answer does not say itself may be said by members of the query or by headers `tollbook-...`: see
    /// `ResponseFacts.names`. The `request-id` and `x-client-request-id` of Anthropic's answers may be passed on as they are.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/v1/responses/:provider") { request, context in
            try await receive(request, context.parameters.get("provider") ?? "")
        }
    }

    private func receive(_ request: Request, _ provider: String) async throws -> Response {
        guard ProviderCatalog.standard.names.contains(provider) else {
            throw Refusal.unknownProvider(ResponseError.unknownProvider.description)
        }
        let framing = request.headers[.contentType].map(mediaType(of:)).flatMap(ResponseFraming.init(rawValue:))
        guard let framing else {
            let known = ResponseFraming.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal.unsupportedMediaType(expected: known)
        }
        let facts = ResponseFacts { name in Self.fact(name, of: request) }
        let result = try await reception.take(request) { body, receivedTime throws(Refusal) in
            do throws(ResponseError) {
                return try intake.readResponses(
                    body, of: provider, framing: framing, facts: facts, receivedTime: receivedTime)
            } catch {
                switch error {
                case .unknownProvider: throw .unknownProvider(error.description)
                case .json: throw .undecodable(error.description)
                case .tooManyAnswers: throw .tooManyRecords(error.description)
                }
            }
        }
        return IntakeAnswer.response(result, isStrict: true)
    }

    private static func fact(_ name: String, of request: Request) -> String? {
        if let value = request.uri.queryParameters[name[...]] { return String(value) }
        let header = "tollbook-" + name.replacing("_", with: "-")
        if let value = HTTPField.Name(header).flatMap({ request.headers[$0] }) { return value }
        switch name {
        case "request_id": return HTTPField.Name("request-id").flatMap { request.headers[$0] }
        case "client_request_id": return HTTPField.Name("x-client-request-id").flatMap { request.headers[$0] }
        default: return nil
        }
    }
}
