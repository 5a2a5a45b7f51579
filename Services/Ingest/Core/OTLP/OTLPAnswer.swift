import Wire

/// The bodies of answers to OTLP requests, in the encoding of the request.
public enum OTLPAnswer {
    /// Everything was taken, or all that can ever be: what was rejected is told with its reasons and must not be resent.
    public static func accepted(
        _ result: IntakeResult, signal: OTLPSignal, encoding: OTLPEncoding
    ) -> [UInt8] {
        let rejected = result.rejectedCount
        guard rejected > 0 else { return encoding == .json ? Array("{}".utf8) : [] }
        let message = "\(rejected) rejected: \(result.rejectionSummary)"
        switch encoding {
        case .json:
            var json = JSONWriter(capacity: 256)
            json.object { json in
                json.key("partialSuccess")
                json.object { json in
                    switch signal {
                    case .logs: json.key("rejectedLogRecords")
                    case .metrics: json.key("rejectedDataPoints")
                    case .traces: json.key("rejectedSpans")
                    }
                    json.integerString(Int64(rejected))
                    json.member("errorMessage", message)
                }
            }
            return json.bytes
        case .protobuf:
            var partialSuccess: [UInt8] = [1 << 3]
            appendVarint(UInt64(rejected), to: &partialSuccess)
            append(Array(message.utf8), field: 2, to: &partialSuccess)
            var answer: [UInt8] = []
            append(partialSuccess, field: 1, to: &answer)
            return answer
        }
    }

    /// The request was not taken: a `google.rpc.Status`.
    public static func refused(code: StatusCode, message: String, encoding: OTLPEncoding) -> [UInt8] {
        switch encoding {
        case .json:
            var json = JSONWriter(capacity: 256)
            json.object { json in
                json.member("code", Int64(code.rawValue))
                json.member("message", message)
            }
            return json.bytes
        case .protobuf:
            var answer: [UInt8] = [1 << 3]
            appendVarint(code.rawValue, to: &answer)
            append(Array(message.utf8), field: 2, to: &answer)
            return answer
        }
    }

    /// The gRPC codes that answers use.
    public enum StatusCode: UInt64, Sendable {
        case invalidArgument = 3
        case notFound = 5
        case permissionDenied = 7
        case resourceExhausted = 8
        case unimplemented = 12
        case unavailable = 14
    }

    private static func append(_ bytes: [UInt8], field: UInt8, to message: inout [UInt8]) {
        message.append(field << 3 | 2)
        appendVarint(UInt64(bytes.count), to: &message)
        message += bytes
    }

    private static func appendVarint(_ value: UInt64, to message: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        message.append(UInt8(truncatingIfNeeded: rest))
    }
}
