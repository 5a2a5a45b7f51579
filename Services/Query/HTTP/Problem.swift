import HTTPTypes
import Hummingbird
import Reporting
import Wire

/// An answer that something is wrong, as `application/problem+json` (RFC 9457).
struct Problem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    let detail: String
    var parameter: String?
    /// The number after which changes can be asked for, where those before are gone.
    var resumeAfter: Int64?

    /// A request that cannot be answered as it is.
    init(_ error: RequestError) {
        status = .badRequest
        detail = error.detail
        parameter = error.parameter
    }

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// Changes that a reader asks for were removed because they were old.
    init(_ removed: RemovedChanges) {
        status = .gone
        detail =
            "changes up to \(removed.through), recorded before \(removed.before), were removed because they were old; "
            + "go on with after=\(removed.through), take charges as they stand from /v1/charges, and older totals from /v1/usage"
        resumeAfter = removed.through
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        // Beacon's readers know its own form of errors.
        if request.uri.path == "/api/tokens" { return beaconResponse }
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("type", "about:blank")
            json.member("title", status.reasonPhrase)
            json.member("status", Int64(status.code))
            json.member("detail", parameter.map { "\($0) \(detail)" } ?? detail)
            json.member("parameter", parameter)
            if let resumeAfter {
                json.member("resume_after", resumeAfter)
                json.member("snapshot", "/v1/charges")
            }
        }
        return Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    private var beaconResponse: Response {
        var json = JSONWriter(capacity: 256)
        json.object { json in json.member("error", parameter.map { "\($0) \(detail)" } ?? detail) }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
