import Metering

/// A record of OpenTelemetry's three kinds, as far as they are treated alike.
protocol SourceRecord: Sendable {
    /// How records of this kind reach us.
    static var channel: Channel { get }
    /// What the record calls itself: an event's, a span's or a metric's name.
    var name: ArraySlice<UInt8> { get }
    /// Bytes of the record in the request's body.
    var size: Int { get }
    /// Whether values were left out because there were too many.
    var isOverfull: Bool { get }

    /// The record's identity.
    func id(in context: ReadingContext) -> ContentID
    /// What a reader makes of it.
    func observations(by reader: any HarnessReader, _ context: ReadingContext) throws(Rejection) -> [Observation]
}

extension LogRecord: SourceRecord {
    static var channel: Channel { .log }

    /// The attribute `event.name`, the field, or the body where that is a name.
    var name: ArraySlice<UInt8> {
        if case .text(let name)? = attributes["event.name"] { return name }
        if !eventName.isEmpty { return eventName }
        return body.utf8 ?? []
    }

    func id(in context: ReadingContext) -> ContentID { context.id(of: self) }

    func observations(by reader: any HarnessReader, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try reader.observations(in: self, context)
    }
}

extension Span: SourceRecord {
    static var channel: Channel { .span }

    func id(in context: ReadingContext) -> ContentID { context.id(of: self) }

    func observations(by reader: any HarnessReader, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try reader.observations(in: self, context)
    }
}

extension MetricPoint: SourceRecord {
    static var channel: Channel { .metric }
    var name: ArraySlice<UInt8> { metric }

    func id(in context: ReadingContext) -> ContentID { context.id(of: self) }

    func observations(by reader: any HarnessReader, _ context: ReadingContext) throws(Rejection) -> [Observation] {
        try reader.observations(in: self, context)
    }
}
