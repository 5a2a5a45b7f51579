import Foundation
import Hummingbird
import Reporting

extension Request {
    /// The query part, decoded; a plus sign is a space.
    var parameters: RequestParameters {
        let pairs = (uri.query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: Self.decoded(parts[0]), value: parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
        return RequestParameters(pairs)
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = String(text.map { $0 == "+" ? " " : $0 })
        return spaced.removingPercentEncoding ?? spaced
    }
}

/// Checks a request and turns what is wrong with it into a problem.
func checked<Value>(_ read: () throws(RequestError) -> Value) throws(Problem) -> Value {
    do throws(RequestError) {
        return try read()
    } catch {
        throw Problem(error)
    }
}

extension Response {
    /// An answer of JSON text.
    static func json(_ bytes: [UInt8], type: String = "application/json") -> Response {
        Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
