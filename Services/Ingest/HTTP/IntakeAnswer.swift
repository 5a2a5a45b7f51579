import Harnesses
import Hummingbird
import Metering
import Wire

/// What a client is told of records that are not OTLP.
enum IntakeAnswer {
    /// How many records were taken, how many report no usage, and why others can never be used.
    ///
    /// - Parameter isStrict: whether to answer 422 when something was sent and nothing of it can ever be used, so that it
    ///   is not overlooked.
    static func response(_ result: IntakeResult, isStrict: Bool = false) -> Response {
        let isUseless = result.accepted == 0 && result.ignored == 0 && result.rejectedCount > 0
        return Response(
            status: isStrict && isUseless ? .unprocessableContent : .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json(result))))
    }

    private static func json(_ result: IntakeResult) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("accepted", Int64(result.accepted))
            json.member("ignored", Int64(result.ignored))
            json.member("rejected", Int64(result.rejectedCount))
            json.key("reasons")
            write(result.rejected, to: &json)
            if !result.corrected.isEmpty {
                json.key("corrected")
                write(result.corrected, to: &json)
            }
            if !result.faults.isEmpty {
                json.key("errors")
                json.array { json in
                    for fault in result.faults { write(fault, to: &json) }
                }
            }
        }
        return json.bytes
    }

    private static func write(_ reasons: [RejectionReason: Int], to json: inout JSONWriter) {
        json.object { json in
            for (reason, count) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                json.key(dynamic: reason.rawValue)
                json.integer(Int64(count))
            }
        }
    }

    private static func write(_ fault: IntakeResult.ItemFault, to json: inout JSONWriter) {
        json.object { json in
            json.member("index", Int64(fault.index))
            json.member("reason", fault.reason.rawValue)
            json.member("field", fault.field)
        }
    }
}
