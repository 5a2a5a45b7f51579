import Metering
import Wire

/// How observations lie in a body; told by its content type.
public enum ObservationFraming: String, CaseIterable, Sendable {
    /// One observation, or a list of them.
    case json = "application/json"
    /// One observation a line.
    case lines = "application/x-ndjson"
    /// One CloudEvent in structured mode.
    case cloudEvent = "application/cloudevents+json"
    /// A list of CloudEvents.
    case cloudEvents = "application/cloudevents-batch+json"

    var hasEnvelope: Bool { self == .cloudEvent || self == .cloudEvents }

    /// Hands over the items of a body, in order.
    ///
    /// - Throws: `JSONError` when the body is no JSON at all; a bad line is handed over like any other.
    func items(of body: [UInt8], _ take: ([UInt8]) -> Void) throws(JSONError) {
        guard self != .lines else {
            for line in body.split(separator: UInt8(ascii: "\n"))
            where line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) {
                take(Array(line))
            }
            return
        }
        var whole = JSONReader(body)
        try whole.skip()
        try whole.finish()
        var json = JSONReader(body)
        guard try json.kind() == .array else { return take(body) }
        try json.array { json throws(JSONError) in take(Array(body[try json.raw()])) }
    }
}

/// What is read of a CloudEvent: the observation is its data, and its source and id tell it from every other event.
struct ObservationEnvelope {
    /// The type of event that holds an observation.
    static let type = "tollbook.observation.v1"

    private var specification: String?
    private var id: String?
    private var source: String?
    private var eventType: String?
    private var time: Timestamp?
    private var isTimeWrong = false
    private var hasData = false

    /// Reads an event into a document.
    mutating func read(_ json: inout JSONReader, into document: inout ObservationDocument) throws(JSONError) {
        guard try json.kind() == .object else {
            document.note(.wrongType, nil)
            return try json.skip()
        }
        try json.object { key, json throws(JSONError) in
            switch key {
            case "specversion": specification = try json.scalarText()
            case "id": id = try json.scalarText()
            case "source": source = try json.scalarText()
            case "type": eventType = try json.scalarText()
            case "time":
                let text = try json.scalarText()
                time = text.flatMap(Timestamp.init(rfc3339:))
                isTimeWrong = text != nil && time == nil
            case "data":
                hasData = true
                try document.read(&json)
            // Further attributes are the transport's own.
            default: try json.skip()
            }
        }
        check(&document)
    }

    private func check(_ document: inout ObservationDocument) {
        if specification != "1.0" { document.note(.notACloudEvent, "specversion") }
        if eventType != Self.type { document.note(.unknownEventType, "type") }
        if !hasData { document.note(.missingValue, "data") }
        if isTimeWrong { document.note(.invalidTime, "time") }
        guard let id, let source else { return document.note(.notACloudEvent, "id") }
        document.id = document.id ?? "\(source) \(id)"
        document.time = document.time ?? time
    }
}
