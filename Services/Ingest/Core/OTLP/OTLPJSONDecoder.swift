import Metering
import Wire

/// Reads an OTLP request in JSON and hands its records to a visitor.
///
/// Follows OTLP's JSON mapping: identities in hexadecimal, 64-bit integers as strings or numbers, enums as integers,
/// unknown members passed over. A number that is not one spoils its record, not the request.
struct OTLPJSONDecoder<Visitor: OTLPVisitor> {
    private let body: [UInt8]
    private let signal: OTLPSignal
    private(set) var visitor: Visitor
    /// Values read of the record at hand, nested ones included.
    private var valueCount = 0
    private var isOverfull = false

    init(_ body: [UInt8], signal: OTLPSignal, visitor: Visitor) {
        self.body = body
        self.signal = signal
        self.visitor = visitor
    }

    /// Reads the whole request.
    mutating func decode() throws(JSONError) {
        var json = JSONReader(body)
        let (groups, scopes, records) = names
        try json.object { key, json throws(JSONError) in
            guard groups ~= key else { return try json.skip() }
            try elements(&json) { decoder, json throws(JSONError) in
                try decoder.nested(
                    &json, first: "resource", then: scopes,
                    head: { decoder, json throws(JSONError) in try decoder.resource(&json) },
                    elements: { decoder, json throws(JSONError) in
                        try decoder.nested(
                            &json, first: "scope", then: records,
                            head: { decoder, json throws(JSONError) in try decoder.scope(&json) },
                            elements: { decoder, json throws(JSONError) in try decoder.record(&json) })
                    })
            }
        }
        try json.finish()
    }

    private typealias Step = (inout OTLPJSONDecoder, inout JSONReader?) throws(JSONError) -> Void
    private typealias Read = (inout OTLPJSONDecoder, inout JSONReader) throws(JSONError) -> Void

    private var names: (groups: StaticString, scopes: StaticString, records: StaticString) {
        switch signal {
        case .logs: ("resourceLogs", "scopeLogs", "logRecords")
        case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
        case .traces: ("resourceSpans", "scopeSpans", "spans")
        }
    }

    /// Reads an object with a head that its elements belong to.
    ///
    /// JSON members come in any order: elements that stand before their head are read after it.
    private mutating func nested(
        _ json: inout JSONReader, first head: StaticString, then list: StaticString, head readHead: Step,
        elements readElement: Read
    ) throws(JSONError) {
        var isHeadRead = false
        var postponed: [Range<Int>] = []
        try json.object { key, json throws(JSONError) in
            if head ~= key {
                var part: JSONReader? = json
                try readHead(&self, &part)
                if let part { json = part }
                isHeadRead = true
            } else if list ~= key {
                if isHeadRead {
                    try elements(&json, readElement)
                } else {
                    postponed.append(try json.raw())
                }
            } else {
                try json.skip()
            }
        }
        if !isHeadRead {
            var none: JSONReader?
            try readHead(&self, &none)
        }
        for range in postponed {
            var part = JSONReader(body, in: range)
            try elements(&part, readElement)
        }
    }

    /// Reads an array, or `null` for an empty one.
    private mutating func elements(_ json: inout JSONReader, _ read: Read) throws(JSONError) {
        if try json.null() { return }
        try json.array { json throws(JSONError) in try read(&self, &json) }
    }

    /// Reads an object, or `null` for an empty one.
    private mutating func members(
        _ json: inout JSONReader,
        _ read: (inout OTLPJSONDecoder, JSONKey, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try json.null() { return }
        try json.object { key, json throws(JSONError) in try read(&self, key, &json) }
    }

    private mutating func resource(_ json: inout JSONReader?) throws(JSONError) {
        var attributes = Attributes()
        beginRecord()
        if var part = json {
            try members(&part) { decoder, key, json throws(JSONError) in
                guard "attributes" ~= key else { return try json.skip() }
                try decoder.attributes(&json, into: &attributes)
            }
            json = part
        }
        visitor.enterResource(attributes)
    }

    private mutating func scope(_ json: inout JSONReader?) throws(JSONError) {
        var name: ArraySlice<UInt8> = []
        if var part = json {
            try members(&part) { decoder, key, json throws(JSONError) in
                guard "name" ~= key else { return try json.skip() }
                name = try decoder.text(&json)
            }
            json = part
        }
        visitor.enterScope(name)
    }

    private mutating func record(_ json: inout JSONReader) throws(JSONError) {
        switch signal {
        case .logs: try logRecord(&json)
        case .traces: try span(&json)
        case .metrics: try metric(&json)
        }
    }

    private mutating func logRecord(_ json: inout JSONReader) throws(JSONError) {
        beginRecord()
        var record = LogRecord()
        let start = json.index
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "timeUnixNano": record.time = try decoder.time(&json)
            case "observedTimeUnixNano": record.observedTime = try decoder.time(&json)
            case "body": record.body = try decoder.value(&json)
            case "attributes": try decoder.attributes(&json, into: &record.attributes)
            case "eventName": record.eventName = try decoder.text(&json)
            case "traceId": record.traceID = try decoder.identity(&json)
            case "spanId": record.spanID = try decoder.identity(&json)
            default: try json.skip()
            }
        }
        record.size = json.index - start
        record.isOverfull = isOverfull
        visitor.visit(record)
    }

    private mutating func span(_ json: inout JSONReader) throws(JSONError) {
        beginRecord()
        var span = Span()
        let start = json.index
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "traceId": span.traceID = try decoder.identity(&json)
            case "spanId": span.spanID = try decoder.identity(&json)
            case "parentSpanId": span.parentSpanID = try decoder.identity(&json)
            case "name": span.name = try decoder.text(&json)
            case "startTimeUnixNano": span.start = try decoder.time(&json)
            case "endTimeUnixNano": span.end = try decoder.time(&json)
            case "attributes": try decoder.attributes(&json, into: &span.attributes)
            default: try json.skip()
            }
        }
        span.size = json.index - start
        span.isOverfull = isOverfull
        visitor.visit(span)
    }

    private mutating func metric(_ json: inout JSONReader) throws(JSONError) {
        var name: ArraySlice<UInt8> = []
        var data: Range<Int>?
        var kind = MetricPoint.Kind.other
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "name": name = try decoder.text(&json)
            case "sum":
                kind = .sum
                data = try json.raw()
            case "histogram", "exponentialHistogram":
                kind = .histogram
                data = try json.raw()
            case "gauge", "summary":
                kind = .other
                data = try json.raw()
            default: try json.skip()
            }
        }
        guard let data else { return }
        var points: Range<Int>?
        var empty = MetricPoint()
        empty.metric = name
        empty.kind = kind
        var part = JSONReader(body, in: data)
        try members(&part) { decoder, key, json throws(JSONError) in
            switch key {
            case "dataPoints": points = try json.raw()
            case "aggregationTemporality": empty.temporality = try decoder.temporality(&json)
            default: try json.skip()
            }
        }
        guard let points else { return }
        var list = JSONReader(body, in: points)
        try elements(&list) { decoder, json throws(JSONError) in try decoder.point(&json, empty) }
    }

    private mutating func point(_ json: inout JSONReader, _ empty: MetricPoint) throws(JSONError) {
        beginRecord()
        var point = empty
        let start = json.index
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "attributes": try decoder.attributes(&json, into: &point.attributes)
            case "startTimeUnixNano": point.start = try decoder.time(&json)
            case "timeUnixNano": point.time = try decoder.time(&json)
            case "asInt" where point.kind != .histogram: point.value = try decoder.scalar(&json)
            case "asDouble" where point.kind != .histogram: point.value = try decoder.scalar(&json).asDouble
            case "sum" where point.kind == .histogram: point.value = try decoder.scalar(&json).asDouble
            default: try json.skip()
            }
        }
        point.size = json.index - start
        point.isOverfull = isOverfull
        visitor.visit(point)
    }
}

extension OTLPJSONDecoder {
    private mutating func beginRecord() {
        valueCount = 0
        isOverfull = false
    }

    /// Counts one more value of the record; false when there are too many to keep it.
    private mutating func countsValue() -> Bool {
        valueCount += 1
        if valueCount > Attributes.maximumValues { isOverfull = true }
        return !isOverfull
    }

    private mutating func attributes(
        _ json: inout JSONReader, into attributes: inout Attributes
    ) throws(JSONError) {
        try elements(&json) { decoder, json throws(JSONError) in
            let attribute = try decoder.keyValue(&json)
            if decoder.countsValue() { attributes.append(attribute) }
        }
    }

    private mutating func keyValue(_ json: inout JSONReader) throws(JSONError) -> Attribute {
        var attribute = Attribute(key: [], value: .empty)
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "key": attribute.key = try decoder.text(&json)
            case "value": attribute.value = try decoder.value(&json)
            default: try json.skip()
            }
        }
        return attribute
    }

    private mutating func value(_ json: inout JSONReader) throws(JSONError) -> AttributeValue {
        var result = AttributeValue.empty
        try members(&json) { decoder, key, json throws(JSONError) in
            switch key {
            case "stringValue", "boolValue": result = try decoder.scalar(&json)
            case "intValue": result = try decoder.scalar(&json).asInteger
            case "doubleValue": result = try decoder.scalar(&json).asDouble
            case "bytesValue": result = .bytes(Base64.decoded(try decoder.text(&json)))
            case "arrayValue": result = .array(try decoder.array(&json))
            case "kvlistValue": result = .map(try decoder.map(&json))
            default: try json.skip()
            }
        }
        return result
    }

    private mutating func array(_ json: inout JSONReader) throws(JSONError) -> [AttributeValue] {
        var values: [AttributeValue] = []
        try members(&json) { decoder, key, json throws(JSONError) in
            guard "values" ~= key else { return try json.skip() }
            try decoder.elements(&json) { decoder, json throws(JSONError) in
                let value = try decoder.value(&json)
                if decoder.countsValue() { values.append(value) }
            }
        }
        return values
    }

    private mutating func map(_ json: inout JSONReader) throws(JSONError) -> [Attribute] {
        var values: [Attribute] = []
        try members(&json) { decoder, key, json throws(JSONError) in
            guard "values" ~= key else { return try json.skip() }
            try decoder.elements(&json) { decoder, json throws(JSONError) in
                let value = try decoder.keyValue(&json)
                if decoder.countsValue() { values.append(value) }
            }
        }
        return values
    }

    /// A string, number, Boolean or null as it stands; anything else is no scalar and becomes an empty list.
    private func scalar(_ json: inout JSONReader) throws(JSONError) -> AttributeValue {
        switch try json.kind() {
        case .string: return .text(try text(&json))
        case .number: return NumberText.value(try json.numberText())
        case .bool: return .boolean(try json.bool())
        case .null:
            try json.skip()
            return .empty
        case .object, .array:
            try json.skip()
            return .array([])
        }
    }

    /// A string's bytes, without a copy where it has no escapes; empty for `null`.
    private func text(_ json: inout JSONReader) throws(JSONError) -> ArraySlice<UInt8> {
        switch try json.kind() {
        case .string: break
        case .null:
            try json.skip()
            return []
        default: throw JSONError(.typeMismatch, at: json.index)
        }
        let range = try json.raw()
        let inner = body[range.lowerBound + 1..<range.upperBound - 1]
        guard inner.contains(UInt8(ascii: "\\")) else { return inner }
        var part = JSONReader(body, in: range)
        return ArraySlice(try part.string().utf8)
    }

    /// Nanoseconds since 1970 as a number or a string; `nil` for anything that is no such time.
    private func time(_ json: inout JSONReader) throws(JSONError) -> Timestamp? {
        let digits: ArraySlice<UInt8>
        switch try json.kind() {
        case .string: digits = try text(&json)
        case .number: digits = try json.numberText()
        default:
            try json.skip()
            return nil
        }
        return NumberText.integer(digits).flatMap { $0 > 0 ? Timestamp(nanoseconds: $0) : nil }
    }

    /// The enum as an integer, or by its name as some exporters write it.
    private func temporality(_ json: inout JSONReader) throws(JSONError) -> AggregatePoint.Temporality? {
        switch try scalar(&json) {
        case .integer(let code): AggregatePoint.Temporality(otlpCode: code)
        case .text(let name) where name.equals("AGGREGATION_TEMPORALITY_DELTA"): .delta
        case .text(let name) where name.equals("AGGREGATION_TEMPORALITY_CUMULATIVE"): .cumulative
        default: nil
        }
    }

    /// A trace or span id; empty when it is missing, zero or not of an id's length.
    private func identity(_ json: inout JSONReader) throws(JSONError) -> String {
        let digits = try text(&json)
        guard digits.count == 32 || digits.count == 16 else { return "" }
        return Hexadecimal.normalised(digits) ?? ""
    }
}
