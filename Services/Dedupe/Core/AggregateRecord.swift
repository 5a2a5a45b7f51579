public import Metering

/// What a group of counters says about one hour of a scope: one sum for each series.
public struct AggregateRecord: Hashable, Sendable {
    /// What the record is about.
    public let bucket: Bucket
    /// Under what consumers know it.
    public internal(set) var published: Published?
    /// A fingerprint of what they were told last.
    public internal(set) var publishedContent: ContentID?
    /// Whether something was added that consumers were not told.
    public internal(set) var isWaiting = false
    /// One part for each series, ascending.
    private(set) var parts: [Part] = []
    /// Model and attribution, from the observation with the smallest identity.
    private(set) var details: Details?

    /// Starts an empty record.
    public init(bucket: Bucket) {
        self.bucket = bucket
    }

    init(
        bucket: Bucket, published: Published?, publishedContent: ContentID?, isWaiting: Bool, parts: [Part],
        details: Details?
    ) {
        self.bucket = bucket
        self.published = published
        self.publishedContent = publishedContent
        self.isWaiting = isWaiting
        self.parts = parts
        self.details = details
    }

    /// Whether consumers count it now.
    public var isPublished: Bool { published.map { !$0.isRetracted } ?? false }

    /// Adds a new point.
    mutating func add(
        _ point: SeriesPoint, of series: SeriesIdentity, _ observation: Observation, increment: Int64,
        isConflict: Bool, baseline: BaselineMark?
    ) {
        update(series) { part in
            part.baseline = baseline
            part.sum += Int128(increment)
            part.points += 1
            part.latest = max(part.latest, point.end)
            if isConflict { part.conflicts += 1 }
        }
        let candidate = Details(observation)
        if let details, details.observation <= candidate.observation { return }
        details = candidate
    }

    /// Corrects what a known point of a series adds.
    mutating func correct(_ series: SeriesIdentity, by correction: Int64) {
        update(series) { $0.sum += Int128(correction) }
    }

    /// Notes what is known of the series a series began from.
    mutating func mark(_ series: SeriesIdentity, _ baseline: BaselineMark) {
        guard parts.contains(where: { $0.series == series }) else { return }
        update(series) { $0.baseline = baseline }
    }

    /// Notes that what counts of it changed by what happened to others.
    mutating func wait() {
        isWaiting = true
    }

    private mutating func update(_ series: SeriesIdentity, _ change: (inout Part) -> Void) {
        isWaiting = true
        if let index = parts.firstIndex(where: { $0.series == series }) {
            change(&parts[index])
        } else {
            var part = Part(series: series)
            change(&part)
            parts.insert(part, at: parts.firstIndex { part.isBefore($0) } ?? parts.endIndex)
        }
    }

    /// What one series adds within the bucket.
    struct Part: Hashable, Sendable {
        let series: SeriesIdentity
        /// What its points add up to.
        var sum: Int128 = 0
        /// How many points it has.
        var points: Int64 = 0
        /// How many of them give an interval another value.
        var conflicts: Int64 = 0
        /// The latest end of a point.
        var latest = Timestamp(nanoseconds: .min)
        /// What is known of the series it began from; `nil` for one that began at zero.
        var baseline: BaselineMark?

        init(series: SeriesIdentity) {
            self.series = series
        }

        /// The field it counts.
        var field: Field { Field(series.measure) }

        func isBefore(_ other: Part) -> Bool {
            if series.series != other.series.series { return series.series < other.series.series }
            return sortText < other.sortText
        }

        private var sortText: String { "\(series.measure) \(series.temporality) \(series.channel) \(series.authority)" }
    }

    /// What is known of the series that a forked series began from.
    enum BaselineMark: String, Hashable, Sendable {
        /// Its parent had reached something.
        case found
        /// Nothing was seen of its parent, which counts as zero.
        case missing
    }

    /// What the points of a group say beside their values.
    struct Details: Hashable, Sendable {
        var observation: ContentID
        var provider: Provider?
        var model: String?
        var reportedModel: String?
        var serviceTier: String?
        var speed: String?
        var inferenceGeo: String?
        var attribution = Attribution()

        init(observation: ContentID) {
            self.observation = observation
        }

        init(_ observation: Observation) {
            self.observation = observation.id
            provider = observation.provider
            model = observation.model
            reportedModel = observation.reportedModel
            serviceTier = observation.serviceTier
            speed = observation.speed
            inferenceGeo = observation.inferenceGeo
            attribution = observation.attribution
        }
    }
}
