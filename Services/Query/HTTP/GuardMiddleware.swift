import HTTPTypes
import Hummingbird
import Logging

/// What holds for every request: the host must be allowed, only budgets can be changed, nothing is cached, and an error is a
/// problem that says what to do.
struct GuardMiddleware<Context: RequestContext>: RouterMiddleware {
    let hosts: AllowedHosts

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await answer(request, context: context, next: next)
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// Everything is for readers only, but for budgets, which are set over HTTP as well.
    private func allowedMethods(_ request: Request) -> [HTTPRequest.Method] {
        request.uri.path.hasPrefix("/v1/budgets/") ? [.get, .head, .put, .delete] : [.get, .head]
    }

    private func answer(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard hosts.admits(request.head.authority) else {
            return try Problem(
                .misdirectedRequest,
                "this host name is not allowed; ask for 127.0.0.1 or localhost, or allow the name with --allowed-hosts"
            ).response(from: request, context: context)
        }
        let allowed = allowedMethods(request)
        guard allowed.contains(request.method) else {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            var response = try Problem(.methodNotAllowed, "only \(names) are allowed here")
                .response(from: request, context: context)
            response.headers[.allow] = names
            return response
        }
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(from: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            return try Problem(.notFound, "there is nothing at this path; /openapi.json lists the paths")
                .response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            return try error.response(from: request, context: context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return try Problem(.internalServerError, "the ledger could not be read; see the service's log")
                .response(from: request, context: context)
        }
    }
}
