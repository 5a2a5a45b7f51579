import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Wire

/// Sends messages to webhooks in Slack's form: a JSON object with `text`.
struct WebhookSender: Sendable {
    /// How an attempt ended.
    enum Outcome: Hashable, Sendable {
        /// The receiver took it.
        case delivered
        /// The receiver will never take it.
        case refused(String)
        /// It may work later.
        case failed(String)
    }

    /// How long a receiver may take, from the first byte to the last header.
    var timeout = Duration.seconds(10)

    /// Sends a message; cancelling the task breaks it off.
    ///
    /// An address is a secret, so reasons never hold it.
    func send(_ text: String, to webhook: String) async -> Outcome {
        var json = JSONWriter(capacity: text.utf8.count + 32)
        json.object { $0.member("text", text) }
        var request = HTTPClientRequest(url: webhook)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "tollbook")
        request.body = .bytes(json.bytes)
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(timeout))
            // Who follows a redirection may come without the message, and is welcome all the same.
            guard response.history.count <= 1 else {
                return .refused("it redirects elsewhere; name where it leads to")
            }
            return Self.outcome(of: response.status.code)
        } catch let error as HTTPClientError {
            switch error {
            case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath: return .refused("the address is not one")
            default: return .failed("no answer (\(error.shortDescription))")
            }
        } catch {
            // Errors of connections name the host they were to reach.
            return .failed("no connection (\(type(of: error)))")
        }
    }

    private static func outcome(of status: UInt) -> Outcome {
        switch status {
        case 200..<300: .delivered
        case 408, 425, 429, 500...: .failed("status \(status)")
        default: .refused("status \(status)")
        }
    }
}
