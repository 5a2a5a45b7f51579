import Foundation
import HTTPTypes
import Hummingbird

/// The dashboard: files of the service's own, and a policy under which a page can load nothing else.
struct DashboardRoutes: Sendable {
    /// The modules of the page; each is a file of the same name.
    static let modules = [
        "api", "app", "budgets", "call", "chart", "elements", "format", "live", "overview", "reconciliation", "session",
    ]

    private static let files =
        [
            ("/", "index.html", "text/html; charset=utf-8"),
            ("/dashboard.css", "dashboard.css", "text/css; charset=utf-8"),
        ] + modules.map { ("/dashboard/\($0).js", "\($0).js", "text/javascript; charset=utf-8") }

    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    func add(to router: some RouterMethods<BasicRequestContext>) {
        for (path, file, type) in Self.files {
            router.get(RouterPath(path)) { _, _ in
                let url = Bundle.module.bundleURL.appending(path: "Dashboard").appending(path: file)
                guard let bytes = try? Data(contentsOf: url) else {
                    throw Problem(.notFound, "the dashboard's files are not installed beside the program")
                }
                var response = Response.json(Array(bytes), type: type)
                response.headers[.contentSecurityPolicy] = Self.policy
                return response
            }
        }
    }
}
