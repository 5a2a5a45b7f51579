import Metering
public import Wire

/// A change as a CloudEvent (CloudEvents 1.0, structured JSON), for whoever takes metering events in that form.
public enum CloudEvent {
    /// The media type of one event.
    public static let mediaType = "application/cloudevents+json"
    /// The media type of a list of events.
    public static let batchMediaType = "application/cloudevents-batch+json"
    /// What the `data` of an event is.
    public static let dataSchema = "urn:tollbook:schema:change:v1"

    /// Puts a change's text into an event.
    ///
    /// `source` and `id` together are the same whenever and wherever the change is delivered, in a rebuilt ledger too.
    /// - Throws: `JSONError` where the text is no change.
    public static func json(change text: [UInt8]) throws(JSONError) -> [UInt8] {
        var fields = Fields()
        var reader = JSONReader(text)
        try reader.object { name, json throws(JSONError) in
            switch name {
            case "epoch": fields.epoch = try json.string()
            case "seq": fields.sequence = try json.int64()
            case "op": fields.isRetracted = try json.string() == "retract"
            case "charge": try fields.readCharge(&json)
            default: try json.skip()
            }
        }
        var json = JSONWriter(capacity: text.count + 512)
        json.object { json in
            json.member("specversion", "1.0")
            json.member("id", fields.identity)
            json.member("source", "/tollbook/\(fields.tenant.uriPart)/\(fields.harness.uriPart)")
            json.member("type", "tollbook.usage.\(fields.kind).v1")
            json.member("subject", fields.session)
            json.member("time", fields.eventTime)
            json.member("datacontenttype", "application/json")
            json.member("dataschema", dataSchema)
            json.member("sequence", "\(fields.sequence)")
            json.member("epoch", fields.epoch)
            json.member("partitionkey", fields.key)
            json.key("data")
            json.raw(text)
        }
        return json.bytes
    }

    private struct Fields {
        var epoch = ""
        var sequence: Int64 = 0
        var isRetracted = false
        var key = ""
        var revision: Int64 = 0
        var repricing: Int64 = 0
        var tenant = Scope.defaultTenant
        var harness = ""
        var session: String?
        var eventTime: Timestamp?
        var status = ""

        /// The same for this charge of the call in every ledger.
        var identity: String {
            repricing == 0 ? "\(key)/\(revision)" : "\(key)/\(revision).\(repricing)"
        }

        var kind: String {
            guard !isRetracted else { return "retracted" }
            return status == "unpriced" ? "unpriced" : "priced"
        }

        mutating func readCharge(_ json: inout JSONReader) throws(JSONError) {
            try json.object { name, json throws(JSONError) in
                switch name {
                case "key": key = try json.string()
                case "revision": revision = try json.int64()
                case "repricing": repricing = try json.int64()
                case "tenant": tenant = try json.string()
                case "harness": harness = try json.string()
                case "session": session = try json.string()
                case "event_time": eventTime = try json.timestamp()
                case "rating":
                    try json.object { name, json throws(JSONError) in
                        if case "status" = name { status = try json.string() } else { try json.skip() }
                    }
                default: try json.skip()
                }
            }
        }
    }
}

extension String {
    /// Percent-encoded as a part of a URI's path.
    fileprivate var uriPart: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
