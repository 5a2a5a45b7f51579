import Hummingbird

/// Turns web pages away: whatever a page sends names its origin, and no agent does.
///
/// Without this, a page in a browser on the same machine could make up usage with a form, which needs no permission.
struct OriginMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.origin] == nil else { throw Refusal.webPage }
        return try await next(request, context)
    }
}
