public import Access
import Foundation
import HTTPTypes
public import Hummingbird
import Logging

/// Lets only requests through whose key allows them, and says whose data they concern.
///
/// Every route needs the same scope but those named here, so a route that is added later is closed until its key opens it.
/// The grant goes with the request's task and with the writing of its body, which may outlast the handler.
public struct AuthenticationMiddleware<Context: RequestContext>: RouterMiddleware {
    private let keys: KeyRing?
    private let scope: AccessScope
    private let administrative: [[Substring]]

    /// Makes the middleware of a service.
    ///
    /// - Parameters:
    ///   - keys: the keys in force; `nil` where none are asked for.
    ///   - scope: what every route needs, save for the operator's.
    ///   - administrative: paths, with all below them, that belong to no tenant and need the scope `admin`.
    public init(keys: KeyRing?, scope: AccessScope, administrative: [String] = ["/metrics"]) {
        self.keys = keys
        self.scope = scope
        self.administrative = administrative.map { $0.split(separator: "/") }
    }

    /// Answers a request that is not allowed, and hands on every other with its grant.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        // Whether a service lives is no secret, and whoever restarts it has no key.
        guard let keys, request.uri.path != "/livez", request.uri.path != "/readyz" else {
            return try await next(request, context)
        }
        let grant: AccessGrant
        do throws(KeyRing.Denial) {
            grant = try keys.admit(
                Self.secret(of: request), needing: needed(at: request.uri.path))
        } catch {
            return Self.response(to: request, error)
        }
        return try await AccessGrant.$current.withValue(grant) {
            var response = try await next(request, context)
            let body = response.body
            response.body = ResponseBody(contentLength: body.contentLength) { writer in
                // A copy: the writer itself is the connection's.
                let connection = writer
                try await AccessGrant.$current.withValue(grant) { try await body.write(connection) }
            }
            return response
        }
    }

    private func needed(at path: String) -> AccessScope {
        // The router passes over empty components: to it, `//metrics` is `/metrics`.
        let components = path.split(separator: "/")
        return administrative.contains { components.starts(with: $0) } ? .admin : scope
    }

    /// The secret a request shows: as a bearer token, or, for browsers, as the password of basic authentication.
    private static func secret(of request: Request) -> String? {
        guard let value = request.headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return parts[1].trimmingCharacters(in: .whitespaces)
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])),
                let pair = String(data: data, encoding: .utf8), let colon = pair.firstIndex(of: ":")
            else { return nil }
            return String(pair[pair.index(after: colon)...])
        default: return nil
        }
    }

    private static func response(to request: Request, _ denial: KeyRing.Denial) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        let (status, detail): (HTTPResponse.Status, String)
        switch denial {
        case .missing, .invalid:
            status = .unauthorized
            detail =
                denial == .missing
                ? "send a key as Authorization: Bearer tbk_...; tollbook keys create makes one"
                : "this key is not known here, or was revoked; tollbook keys list shows those that are in force"
            let isPage = request.headers[.accept]?.contains("text/html") ?? false
            headers[.wwwAuthenticate] = isPage ? "Basic realm=\"tollbook\", charset=\"UTF-8\"" : "Bearer"
        case .insufficient(let scope):
            status = .forbidden
            detail = "this key does not have the scope \(scope.rawValue)"
        case .tooFrequent(let seconds):
            status = .tooManyRequests
            detail = "this key makes too many requests; its limit is set by tollbook keys create --rate"
            headers[.retryAfter] = String(seconds)
        }
        let body =
            "{\"type\":\"about:blank\",\"title\":\"\(status.reasonPhrase)\",\"status\":\(status.code),\"detail\":\"\(detail)\"}"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
