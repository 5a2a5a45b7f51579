import Foundation
import Testing

/// Turns an OTLP request in JSON into its protobuf form, by the published field numbers; a member that has none fails the
/// test.
struct OTLPTranscoder {
    /// Messages, their members, the members' field numbers and what these hold: another message, or a scalar.
    private static let messages = parse(
        """
        Request: resourceLogs 1 ResourceLogs, resourceSpans 1 ResourceSpans, resourceMetrics 1 ResourceMetrics
        ResourceLogs: resource 1 Resource, scopeLogs 2 ScopeLogs, schemaUrl 3 text
        ResourceSpans: resource 1 Resource, scopeSpans 2 ScopeSpans, schemaUrl 3 text
        ResourceMetrics: resource 1 Resource, scopeMetrics 2 ScopeMetrics, schemaUrl 3 text
        Resource: attributes 1 KeyValue, droppedAttributesCount 2 varint
        ScopeLogs: scope 1 Scope, logRecords 2 LogRecord, schemaUrl 3 text
        ScopeSpans: scope 1 Scope, spans 2 Span, schemaUrl 3 text
        ScopeMetrics: scope 1 Scope, metrics 2 Metric, schemaUrl 3 text
        Scope: name 1 text, version 2 text, attributes 3 KeyValue, droppedAttributesCount 4 varint
        KeyValue: key 1 text, value 2 AnyValue
        AnyValue: stringValue 1 text, boolValue 2 flag, intValue 3 varint, doubleValue 4 double, arrayValue 5 ArrayValue, \
        kvlistValue 6 KeyValueList, bytesValue 7 base64
        ArrayValue: values 1 AnyValue
        KeyValueList: values 1 KeyValue
        LogRecord: timeUnixNano 1 fixed64, severityNumber 2 varint, severityText 3 text, body 5 AnyValue, \
        attributes 6 KeyValue, droppedAttributesCount 7 varint, flags 8 fixed32, traceId 9 hex, spanId 10 hex, \
        observedTimeUnixNano 11 fixed64, eventName 12 text
        Span: traceId 1 hex, spanId 2 hex, traceState 3 text, parentSpanId 4 hex, name 5 text, kind 6 varint, \
        startTimeUnixNano 7 fixed64, endTimeUnixNano 8 fixed64, attributes 9 KeyValue, droppedAttributesCount 10 varint, \
        events 11 Event, droppedEventsCount 12 varint, links 13 Link, droppedLinksCount 14 varint, status 15 Status, \
        flags 16 fixed32
        Event: timeUnixNano 1 fixed64, name 2 text, attributes 3 KeyValue, droppedAttributesCount 4 varint
        Link: traceId 1 hex, spanId 2 hex, traceState 3 text, attributes 4 KeyValue, droppedAttributesCount 5 varint, \
        flags 6 fixed32
        Status: message 2 text, code 3 varint
        Metric: name 1 text, description 2 text, unit 3 text, gauge 5 Points, sum 7 Points, histogram 9 Histogram
        Points: dataPoints 1 Point, aggregationTemporality 2 varint, isMonotonic 3 flag
        Point: startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, asDouble 4 double, asInt 6 fixed64, \
        attributes 7 KeyValue, flags 8 varint
        Histogram: dataPoints 1 HistogramPoint, aggregationTemporality 2 varint
        HistogramPoint: startTimeUnixNano 2 fixed64, timeUnixNano 3 fixed64, count 4 fixed64, sum 5 double, \
        bucketCounts 6 fixed64s, explicitBounds 7 doubles, attributes 9 KeyValue, flags 10 varint, min 11 double, \
        max 12 double
        """)

    private struct Field {
        let number: UInt64
        let kind: String
    }

    private static func parse(_ text: String) -> [String: [String: Field]] {
        var messages: [String: [String: Field]] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ": ")
            for member in parts[1].split(separator: ", ") {
                let words = member.split(separator: " ").map(String.init)
                let field = Field(number: UInt64(words[1]) ?? 0, kind: words[2])
                messages[String(parts[0]), default: [:]][words[0]] = field
            }
        }
        return messages
    }

    /// The protobuf form of a request.
    static func protobuf(of json: [UInt8]) throws -> [UInt8] {
        try message("Request", try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]))
    }

    private static func message(_ name: String, _ members: [String: Any]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for (key, value) in members.sorted(by: { $0.key < $1.key }) where !(value is NSNull) {
            let field = try #require(messages[name]?[key], "\(name).\(key) has no number here")
            if field.kind == "fixed64s" || field.kind == "doubles" {
                let packed = try #require(value as? [Any]).flatMap { try scalar(String(field.kind.dropLast()), $0) }
                bytes += varint(field.number << 3 | 2) + varint(UInt64(packed.count)) + packed
                continue
            }
            for element in value as? [Any] ?? [value] {
                let text = try scalar(field.kind, element)
                let type: UInt64 = ["varint": 0, "flag": 0, "fixed64": 1, "double": 1, "fixed32": 5][field.kind] ?? 2
                bytes += varint(field.number << 3 | type) + (type == 2 ? varint(UInt64(text.count)) : []) + text
            }
        }
        return bytes
    }

    private static func scalar(_ kind: String, _ value: Any) throws -> [UInt8] {
        switch kind {
        case "text": return Array(try #require(value as? String).utf8)
        case "flag": return [try #require(value as? Bool) ? 1 : 0]
        case "varint": return varint(UInt64(bitPattern: try integer(value)))
        case "fixed64": return bytes(of: UInt64(bitPattern: try integer(value)))
        case "fixed32": return bytes(of: UInt32(truncatingIfNeeded: try integer(value)))
        case "double":
            // By its text: what JSON's own reader makes of some decimals is off by their last bit.
            let number = Double((value as? NSNumber)?.stringValue ?? (value as? String) ?? "")
            return bytes(of: try #require(number).bitPattern)
        case "base64":
            let text = try #require(value as? String)
            return Array(try #require(Data(base64Encoded: text)))
        case "hex":
            let digits = Array(try #require(value as? String))
            return try stride(from: 0, to: digits.count, by: 2).map { place in
                let byte = UInt8(String(digits[place...].prefix(2)), radix: 16)
                return try #require(byte)
            }
        default: return try message(kind, try #require(value as? [String: Any]))
        }
    }

    private static func integer(_ value: Any) throws -> Int64 {
        if let number = value as? NSNumber { return number.int64Value }
        let text = try #require(value as? String)
        let number = Int64(text) ?? UInt64(text).map { Int64(bitPattern: $0) }
        return try #require(number)
    }

    private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    private static func varint(_ number: UInt64) -> [UInt8] {
        var (bytes, rest): ([UInt8], UInt64) = ([], number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
