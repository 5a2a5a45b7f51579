import Harnesses
import Hummingbird

/// Takes in OTLP requests and answers as the specification says, in the encoding of the request.
struct OTLPReceiver: Sendable {
    let intake: Intake
    let reception: Reception

    /// Adds a route for each signal.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        for signal in OTLPSignal.allCases {
            router.post("/v1/\(signal.rawValue)") { request, _ in try await receive(request, signal) }
        }
    }

    private func receive(_ request: Request, _ signal: OTLPSignal) async throws -> Response {
        guard let encoding = OTLPEncoding(contentType: request.headers[.contentType]) else {
            throw Refusal.unsupportedMediaType(expected: "application/json or application/x-protobuf")
        }
        let result = try await reception.take(request) { body, receivedTime throws(Refusal) in
            // No bytes are a whole request in protobuf, one that reports nothing, and are taken as that in JSON too.
            let encoding = body.isEmpty ? .protobuf : encoding
            do throws(OTLPError) {
                return try intake.read(body, signal: signal, encoding: encoding, receivedTime: receivedTime)
            } catch {
                guard case .tooManyRecords = error else { throw .undecodable(error.description) }
                throw .tooManyRecords(error.description)
            }
        }
        let answer = OTLPAnswer.accepted(result, signal: signal, encoding: encoding)
        return Response(
            status: .ok, headers: [.contentType: encoding.contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: answer)))
    }
}
