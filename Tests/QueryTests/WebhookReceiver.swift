import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

/// Takes messages over real HTTP on a loopback port, and answers as it is told to.
final class WebhookReceiver: Sendable {
    private struct State {
        var answers: [Int] = []
        var bodies: [String] = []
        var types: Set<String> = []
    }

    private let state = Mutex(State())

    /// The statuses of the next answers; 200 when they are used up.
    func answer(_ statuses: Int...) { state.withLock { $0.answers = statuses } }
    /// What came, in order.
    var bodies: [String] { state.withLock { $0.bodies } }
    /// The media types of what came.
    var types: Set<String> { state.withLock { $0.types } }

    /// Runs while a closure does.
    func run(_ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
        let router = Router()
        router.post("/hook") { [self] request, _ in
            let bytes = try await request.body.collect(upTo: 1 << 20)
            let status = state.withLock { state in
                state.bodies.append(String(buffer: bytes))
                state.types.insert(request.headers[.contentType] ?? "")
                return state.answers.isEmpty ? 200 : state.answers.removeFirst()
            }
            return Response(status: .init(code: status))
        }
        router.post("/moved") { _, _ in Response(status: .found, headers: [.location: "/elsewhere"]) }
        router.get("/elsewhere") { _, _ in Response(status: .ok) }
        let application = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in
            try await body("http://localhost:\(try #require(client.port))/hook")
        }
    }
}
