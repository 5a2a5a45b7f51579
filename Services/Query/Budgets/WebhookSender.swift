import Foundation
import FoundationNetworking
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

    private let session: URLSession

    /// - Parameter timeout: how many seconds a receiver may take.
    init(timeout: Double = 10) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.timeoutIntervalForResource = timeout
        session = URLSession(configuration: configuration)
    }

    /// Sends a message; an address is a secret, so reasons never hold it.
    func send(_ text: String, to webhook: String) async -> Outcome {
        guard let url = URL(string: webhook) else { return .refused("the address is not one") }
        var json = JSONWriter(capacity: text.utf8.count + 32)
        json.object { $0.member("text", text) }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("tollbook", forHTTPHeaderField: "User-Agent")
        request.httpBody = Data(json.bytes)
        return await withCheckedContinuation { continuation in
            session.dataTask(with: request) { _, response, error in
                continuation.resume(returning: Self.outcome(response, error))
            }.resume()
        }
    }

    private static func outcome(_ response: URLResponse?, _ error: (any Error)?) -> Outcome {
        if let error = error as? URLError { return .failed("no answer (error \(error.code.rawValue))") }
        guard let status = (response as? HTTPURLResponse)?.statusCode else { return .failed("no answer") }
        switch status {
        case 200..<300: return .delivered
        case 408, 425, 429, 500...: return .failed("status \(status)")
        default: return .refused("status \(status)")
        }
    }
}
