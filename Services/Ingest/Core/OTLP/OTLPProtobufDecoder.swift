import Metering

/// Reads an OTLP request in protobuf and hands its records to a visitor.
///
/// Field numbers are those of opentelemetry-proto 1.x; unknown fields are passed over.
struct OTLPProtobufDecoder<Visitor: OTLPVisitor> {
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
    mutating func decode() throws(ProtobufError) {
        var request = ProtobufReader(body, in: 0..<body.count)
        while let field = try request.next() {
            if field.number == 1, case .bytes(let range) = field.value { try group(range) }
        }
    }

    /// ResourceLogs, ResourceMetrics or ResourceSpans: the resource first, wherever it stands.
    private mutating func group(_ range: Range<Int>) throws(ProtobufError) {
        var resource = Attributes()
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard field.number == 1, case .bytes(let range) = field.value else { continue }
            beginRecord()
            try message(range) { decoder, number, value throws(ProtobufError) in
                if number == 1, case .bytes(let range) = value { try decoder.attribute(range, into: &resource) }
            }
        }
        visitor.enterResource(resource)
        fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            if field.number == 2, case .bytes(let range) = field.value { try scope(range) }
        }
    }

    private mutating func scope(_ range: Range<Int>) throws(ProtobufError) {
        var name: ArraySlice<UInt8> = []
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard field.number == 1, case .bytes(let range) = field.value else { continue }
            try message(range) { decoder, number, value throws(ProtobufError) in
                if number == 1, case .bytes(let range) = value { name = decoder.body[range] }
            }
        }
        visitor.enterScope(name)
        fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard field.number == 2, case .bytes(let range) = field.value else { continue }
            switch signal {
            case .logs: try logRecord(range)
            case .traces: try span(range)
            case .metrics: try metric(range)
            }
        }
    }

    private mutating func logRecord(_ range: Range<Int>) throws(ProtobufError) {
        beginRecord()
        var record = LogRecord()
        record.size = range.count
        try message(range) { decoder, number, value throws(ProtobufError) in
            switch (number, value) {
            case (1, .fixed64(let time)): record.time = Timestamp(unixNanoseconds: time)
            case (11, .fixed64(let time)): record.observedTime = Timestamp(unixNanoseconds: time)
            case (5, .bytes(let range)): record.body = try decoder.value(range, depth: 1)
            case (6, .bytes(let range)): try decoder.attribute(range, into: &record.attributes)
            case (9, .bytes(let range)): record.traceID = decoder.identity(range)
            case (10, .bytes(let range)): record.spanID = decoder.identity(range)
            case (12, .bytes(let range)): record.eventName = decoder.body[range]
            default: break
            }
        }
        record.isOverfull = isOverfull
        visitor.visit(record)
    }

    private mutating func span(_ range: Range<Int>) throws(ProtobufError) {
        beginRecord()
        var span = Span()
        span.size = range.count
        try message(range) { decoder, number, value throws(ProtobufError) in
            switch (number, value) {
            case (1, .bytes(let range)): span.traceID = decoder.identity(range)
            case (2, .bytes(let range)): span.spanID = decoder.identity(range)
            case (4, .bytes(let range)): span.parentSpanID = decoder.identity(range)
            case (5, .bytes(let range)): span.name = decoder.body[range]
            case (7, .fixed64(let time)): span.start = Timestamp(unixNanoseconds: time)
            case (8, .fixed64(let time)): span.end = Timestamp(unixNanoseconds: time)
            case (9, .bytes(let range)): try decoder.attribute(range, into: &span.attributes)
            default: break
            }
        }
        span.isOverfull = isOverfull
        visitor.visit(span)
    }

    private mutating func metric(_ range: Range<Int>) throws(ProtobufError) {
        var name: ArraySlice<UInt8> = []
        var data: [(kind: UInt64, range: Range<Int>)] = []
        try message(range) { decoder, number, value throws(ProtobufError) in
            guard case .bytes(let range) = value else { return }
            switch number {
            case 1: name = decoder.body[range]
            // Gauge, sum, histogram, exponential histogram, summary.
            case 5, 7, 9, 10, 11: data = [(number, range)]
            default: break
            }
        }
        for (kind, range) in data {
            var temporality: AggregatePoint.Temporality?
            try message(range) { _, number, value throws(ProtobufError) in
                if number == 2, case .varint(let code) = value {
                    temporality = AggregatePoint.Temporality(otlpCode: Int64(clamping: code))
                }
            }
            try message(range) { decoder, number, value throws(ProtobufError) in
                guard number == 1, case .bytes(let range) = value else { return }
                var point = MetricPoint()
                point.metric = name
                point.temporality = temporality
                point.kind = kind == 7 ? .sum : (kind == 9 || kind == 10 ? .histogram : .other)
                try decoder.point(range, point, attributesField: kind == 9 ? 9 : (kind == 10 ? 1 : 7))
            }
        }
    }

    private mutating func point(
        _ range: Range<Int>, _ empty: MetricPoint, attributesField: UInt64
    ) throws(ProtobufError) {
        beginRecord()
        var point = empty
        point.size = range.count
        try message(range) { decoder, number, value throws(ProtobufError) in
            switch (number, value) {
            case (attributesField, .bytes(let range)): try decoder.attribute(range, into: &point.attributes)
            case (2, .fixed64(let time)): point.start = Timestamp(unixNanoseconds: time)
            case (3, .fixed64(let time)): point.time = Timestamp(unixNanoseconds: time)
            case (4, .fixed64(let bits)) where point.kind != .histogram:
                point.value = .double(Double(bitPattern: bits))
            case (6, .fixed64(let bits)) where point.kind != .histogram:
                point.value = .integer(Int64(bitPattern: bits))
            case (5, .fixed64(let bits)) where point.kind == .histogram:
                point.value = .double(Double(bitPattern: bits))
            default: break
            }
        }
        point.isOverfull = isOverfull
        visitor.visit(point)
    }
}

extension OTLPProtobufDecoder {
    /// Reads a message's fields, handing each to a closure together with the decoder.
    private mutating func message(
        _ range: Range<Int>,
        _ read: (inout OTLPProtobufDecoder, UInt64, ProtobufReader.Value) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() { try read(&self, field.number, field.value) }
    }

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

    private mutating func attribute(_ range: Range<Int>, into attributes: inout Attributes) throws(ProtobufError) {
        guard countsValue() else { return }
        attributes.append(try keyValue(range, depth: 1))
    }

    private mutating func keyValue(_ range: Range<Int>, depth: Int) throws(ProtobufError) -> Attribute {
        var attribute = Attribute(key: [], value: .empty)
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard case .bytes(let range) = field.value else { continue }
            if field.number == 1 { attribute.key = body[range] }
            if field.number == 2 { attribute.value = try value(range, depth: depth + 1) }
        }
        return attribute
    }

    private mutating func value(_ range: Range<Int>, depth: Int) throws(ProtobufError) -> AttributeValue {
        guard depth < ProtobufReader.maximumDepth else { throw ProtobufError(.tooDeep, at: range.lowerBound) }
        var result = AttributeValue.empty
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)): result = .text(body[range])
            case (2, .varint(let flag)): result = .boolean(flag != 0)
            case (3, .varint(let bits)): result = .integer(Int64(bitPattern: bits))
            case (4, .fixed64(let bits)): result = .double(Double(bitPattern: bits))
            case (5, .bytes(let range)): result = .array(try array(range, depth: depth + 1))
            case (6, .bytes(let range)): result = .map(try map(range, depth: depth + 1))
            case (7, .bytes(let range)): result = .bytes(body[range])
            default: break
            }
        }
        return result
    }

    private mutating func array(_ range: Range<Int>, depth: Int) throws(ProtobufError) -> [AttributeValue] {
        var values: [AttributeValue] = []
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard field.number == 1, case .bytes(let range) = field.value, countsValue() else { continue }
            values.append(try value(range, depth: depth))
        }
        return values
    }

    private mutating func map(_ range: Range<Int>, depth: Int) throws(ProtobufError) -> [Attribute] {
        var values: [Attribute] = []
        var fields = ProtobufReader(body, in: range)
        while let field = try fields.next() {
            guard field.number == 1, case .bytes(let range) = field.value, countsValue() else { continue }
            values.append(try keyValue(range, depth: depth))
        }
        return values
    }

    /// A trace or span id in hexadecimal; empty when it is missing, zero or not of an id's length.
    private func identity(_ range: Range<Int>) -> String {
        guard range.count == 16 || range.count == 8, body[range].contains(where: { $0 != 0 }) else { return "" }
        return Hexadecimal.string(body[range])
    }
}

extension AggregatePoint.Temporality {
    /// OTLP's `AggregationTemporality`; `nil` for a code that says nothing.
    init?(otlpCode: Int64) {
        switch otlpCode {
        case 1: self = .delta
        case 2: self = .cumulative
        default: return nil
        }
    }
}
