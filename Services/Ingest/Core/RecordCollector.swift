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
        context.service = service
        enterScope([])
    }

    mutating func enterScope(_ name: ArraySlice<UInt8>) {
        context.scopeName = name
        resolution = catalog.resolve(service: service, scope: name)
        context.harness = resolution.harness
    }

    mutating func visit(_ record: some SourceRecord) {
        // One past the limit is enough to know that the request is refused.
        guard result.events.count <= Intake.maximumEvents else { return }
        var reader = resolution.reader
        if !resolution.isCertain {
            let resolution = catalog.resolve(record: record.name, otherwise: resolution)
            reader = resolution.reader
            context.harness = resolution.harness
        }
        do throws(Rejection) {
            let observations = try record.observations(by: reader, context)
            if record.isOverfull, !observations.isEmpty { throw Rejection(.tooManyValues, field: "attributes") }
            result.add(observations)
        } catch {
            result.reject(record.id(in: context), error, type(of: record).channel, size: record.size, context)
        }
    }
}
