import Harnesses
import Hummingbird

/// Takes in observations of gateways and scripts, in our own public shape, and serves its schema.
struct ObservationReceiver: Sendable {
    let intake: Intake
    let reception: Reception

    /// Adds the routes.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/v1/observations") { request, _ in try await receive(request) }
        router.get("/v1/observations/schema") { _, _ in
            Response(
                status: .ok, headers: [.contentType: ObservationSchema.contentType],
                body: .init(byteBuffer: ByteBuffer(string: ObservationSchema.text)))
        }
    }

    private func receive(_ request: Request) async throws -> Response {
        let framing = request.headers[.contentType].map(mediaType(of:)).flatMap(ObservationFraming.init(rawValue:))
        guard let framing else {
            let known = ObservationFraming.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal.unsupportedMediaType(expected: known)
        }
        let result = try await reception.take(request) { body, receivedTime throws(Refusal) in
            do throws(ObservationsError) {
                return try intake.readObservations(body, framing: framing, receivedTime: receivedTime)
            } catch {
                guard case .tooManyItems = error else { throw .undecodable(error.description) }
                throw .tooManyRecords(error.description)
            }
        }
        return IntakeAnswer.response(result, isStrict: true)
    }
}
