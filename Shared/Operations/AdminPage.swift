/// A page that a service shows to operators besides the usual ones: JSON at a path.
public struct AdminPage: Sendable {
    let path: String
    let body: @Sendable (_ parameter: @Sendable (String) -> String?) throws -> [UInt8]

    /// Makes a page.
    ///
    /// - Parameters:
    ///   - path: such as `/v1/dead-letters`.
    ///   - body: makes the page of the request's parameters; whatever it throws is shown as a failure without details.
    public init(
        _ path: String, _ body: @escaping @Sendable (_ parameter: @Sendable (String) -> String?) throws -> [UInt8]
    ) {
        self.path = path
        self.body = body
    }
}
