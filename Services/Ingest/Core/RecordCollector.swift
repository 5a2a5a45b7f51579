import Metering

/// Collects the events of a request while a decoder walks through it.
struct RecordCollector: OTLPVisitor {
    private let catalog: HarnessCatalog
    private var context: ReadingContext
    private var service: String?
    private var resolution: HarnessCatalog.Resolution
    private(set) var result = IntakeResult()

    init(catalog: HarnessCatalog, context: ReadingContext) {
        self.catalog = catalog
        self.context = context
        resolution = catalog.resolve(service: nil, scope: [])
    }

    mutating func enterResource(_ attributes: Attributes) {
        var hasher = RecordHasher("resource")
        hasher.add(attributes)
        context.resourceID = hasher.identity()
        context.source = "otlp:\(context.resourceID)"
        context.attribution = ResourceAttribution.attribution(of: attributes)
        context.attribution.user = context.user(of: attributes)
        service = attributes.text("service.name")
        // What SDKs write where a program gives itself no name.
        if service?.hasPrefix("unknown_service") == true { service = nil }
        enterScope([])
    }

    mutating func enterScope(_ name: ArraySlice<UInt8>) {
        context.scopeName = name
        resolution = catalog.resolve(service: service, scope: name)
        context.harness = resolution.harness
    }

    mutating func visit(_ record: LogRecord) {
        take(named: { record.name }, .log, size: record.size, isOverfull: record.isOverfull) {
            reader, context throws(Rejection) in
            try reader.observations(in: record, context)
        } id: { context in
            context.id(of: record)
        }
    }

    mutating func visit(_ span: Span) {
        take(named: { span.name }, .span, size: span.size, isOverfull: span.isOverfull) {
            reader, context throws(Rejection) in
            try reader.observations(in: span, context)
        } id: { context in
            context.id(of: span)
        }
    }

    mutating func visit(_ point: MetricPoint) {
        take(named: { point.metric }, .metric, size: point.size, isOverfull: point.isOverfull) {
            reader, context throws(Rejection) in
            try reader.observations(in: point, context)
        } id: { context in
            context.id(of: point)
        }
    }

    private mutating func take(
        named name: () -> ArraySlice<UInt8>, _ channel: Channel, size: Int, isOverfull: Bool,
        read: (any HarnessReader, ReadingContext) throws(Rejection) -> [Observation],
        id: (ReadingContext) -> ContentID
    ) {
        // One past the limit is enough to know that the request is refused.
        guard result.events.count <= Intake.maximumEvents else { return }
        var resolution = resolution
        var context = context
        if !resolution.isCertain {
            resolution = catalog.resolve(record: name(), otherwise: resolution)
            context.harness = resolution.harness
        }
        do throws(Rejection) {
            let observations = try read(resolution.reader, context)
            if isOverfull, !observations.isEmpty { throw Rejection(.tooManyValues, field: "attributes") }
            result.add(observations)
        } catch {
            result.add(error, deadLetter(error, id(context), channel, size, context))
        }
    }
}
