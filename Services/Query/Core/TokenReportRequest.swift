public import Metering

/// What a reader asks of `/api/tokens`, with the parameters of Beacon's dashboard.
public struct TokenReportRequest: Hashable, Sendable {
    /// The first instant.
    public var since: Timestamp?
    /// The instant after the last; Beacon's `until` is inclusive and this is a nanosecond later.
    public var until: Timestamp?
    /// A session, whole, upper and lower case alike; it also adds the session's steps.
    public var session: String?
    /// A part of a model's name.
    public var model: String?
    /// A harness, with `_` for `-` allowed.
    public var harness: String?
    /// A part of a repository's name.
    public var repository: String?
    /// A CI run, with or without its provider.
    public var run: String?
    /// Seconds of a bucket of the series; `nil` for no series.
    public var bucket: Int64?
    /// The most groups of each kind; `nil` for all.
    public var top: Int?
    /// Which cost is shown; Beacon's is the reported one.
    public var cost: CostMode

    /// The names of all parameters.
    public static let parameterNames: Set<String> = [
        "since", "until", "session", "model", "harness", "repository", "run", "run_id", "bucket", "top", "cost", "q",
    ]

    /// Makes a request for everything; set what differs.
    public init() {
        cost = .reported
    }

    /// Checks the parameters of a request.
    public init(_ parameters: RequestParameters) throws(RequestError) {
        try parameters.check(allowed: Self.parameterNames, isEmptyAllowed: true)
        self.init()
        // Beacon takes an instant as the last that counts.
        (since, until) = try parameters.range(in: .utc, isLastIncluded: true)
        session = parameters["session"]
        model = parameters["model"]?.lowercased()
        harness = parameters["harness"].map(Self.harnessName)
        repository = parameters["repository"]?.lowercased()
        run = parameters["run"] ?? parameters["run_id"]
        if let text = parameters["bucket"] {
            guard let seconds = Self.seconds(duration: text) else {
                throw RequestError("bucket", "must be a duration of whole seconds such as 1h, 30m or 24h")
            }
            bucket = seconds
        }
        if parameters["top"] != nil {
            let count = try parameters.integer("top", default: 0, in: 0...1_000_000)
            top = count == 0 ? nil : Int(count)
        }
        cost = try parameters.choice("cost", default: CostMode.reported)
    }

    /// Whether a charge counts.
    public func admits(_ record: ChargeRecord) -> Bool {
        if let since, record.eventTime < since { return false }
        if let until, record.eventTime >= until { return false }
        if let session, record.session.lowercased() != session.lowercased() { return false }
        if let model, record.dimensions[.model]?.lowercased().contains(model) != true { return false }
        if let harness, record.dimensions[.harness].map(Self.harnessName) != harness { return false }
        if let repository, record.dimensions[.repository]?.lowercased().contains(repository) != true { return false }
        if let run, !Self.isRun(record.run, run) { return false }
        return true
    }

    private static func harnessName(_ text: String) -> String {
        String(text.lowercased().map { $0 == "_" ? "-" : $0 })
    }

    private static func isRun(_ run: String?, _ wanted: String) -> Bool {
        guard let run else { return false }
        return run == wanted || run.split(separator: "/", maxSplits: 1).last.map { $0 == wanted } ?? false
    }

    /// Reads a duration as Go writes it, such as `1h30m`.
    static func seconds(duration text: String) -> Int64? {
        var total: Int64 = 0
        var rest = Substring(text)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), let unit = rest.dropFirst(digits.count).first else { return nil }
            let scale: Int64
            switch unit {
            case "h": scale = 3600
            case "m": scale = 60
            case "s": scale = 1
            default: return nil
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: scale)
            guard !overflow, product <= 10 * 366 * 86_400 else { return nil }
            total += product
            rest = rest.dropFirst(digits.count + 1)
            guard total <= 10 * 366 * 86_400 else { return nil }
        }
        return total > 0 ? total : nil
    }
}
