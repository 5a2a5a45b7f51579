import Harnesses
import Hummingbird
import Logging
import NIOHTTP1
import Wire

/// Turns everything that is thrown into an answer the client understands, and counts the answers.
struct RefusalMiddleware<Context: RequestContext>: RouterMiddleware {
    let metrics: IngestMetrics
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let path = IngestPath(request.uri.path)
        let response: Response
        do {
            response = try await next(request, context)
        } catch let refusal as Refusal {
            response = Self.response(refusal, to: request, at: path)
        } catch let error as HTTPParserError {
            // The server answers these itself, and closes the connection.
            throw error
        } catch let error as any HTTPResponseError where error.status == .notFound {
            response = Self.response(path == .other ? .unknownPath : .methodNotAllowed, to: request, at: path)
        } catch {
            // The type alone: an error's text may hold what the client sent.
            logger.warning("request failed", metadata: ["error.type": "\(type(of: error))"])
            response = Self.response(.unavailable(.fault), to: request, at: path)
        }
        metrics.answered(path, status: response.status.code)
        return response
    }

    private static func response(_ refusal: Refusal, to request: Request, at path: IngestPath) -> Response {
        var headers = HTTPFields()
        if let seconds = refusal.retryAfter { headers[.retryAfter] = String(seconds) }
        if refusal == .methodNotAllowed { headers[.allow] = path == .observationSchema ? "GET" : "POST" }
        let body: [UInt8]
        switch path {
        case .otlp:
            let encoding = OTLPEncoding(contentType: request.headers[.contentType]) ?? .json
            headers[.contentType] = encoding.contentType
            body = OTLPAnswer.refused(code: refusal.code, message: refusal.message, encoding: encoding)
        case .transcripts, .results, .events, .responses, .observations, .observationSchema, .other:
            headers[.contentType] = "application/problem+json"
            body = problem(refusal)
        }
        return Response(
            status: refusal.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static func problem(_ refusal: Refusal) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("title", refusal.status.reasonPhrase)
            json.member("status", Int64(refusal.status.code))
            json.member("detail", refusal.message)
        }
        return json.bytes
    }
}
