/// One of the TCP ports of a deployment.
public enum Port: String, CaseIterable, Hashable, Sendable {
    /// Agents send telemetry here.
    case ingest
    /// Reports, dashboard and the change log.
    case query
    /// Subscribers connect here.
    case feed
    /// Observations reach dedupe here.
    case observations
    /// Dedupe says here how far it has stored observations.
    case observationWatermarks = "observation-watermarks"
    /// Dedupe hands calls to pricing here.
    case calls
    /// Charges reach the ledger here.
    case charges
    /// The ledger says here how far it has stored charges.
    case chargeWatermarks = "charge-watermarks"
    /// Dedupe's own state, for operators.
    case dedupeAdmin = "dedupe-admin"
    /// Pricing's own state, for operators.
    case pricingAdmin = "pricing-admin"

    /// The port where nothing else is asked for.
    public var standard: Int {
        switch self {
        case .ingest: 4318
        case .query: 7100
        case .feed: 7130
        case .observations: 7101
        case .observationWatermarks: 7102
        case .calls: 7111
        case .charges: 7121
        case .chargeWatermarks: 7122
        case .dedupeAdmin: 7140
        case .pricingAdmin: 7141
        }
    }

    /// The flag of `tollbook up` that moves it.
    public var flag: String { "--\(rawValue)-port" }
}

/// The ports of a deployment, standard where nothing else was set.
public struct Ports: Hashable, Sendable {
    private var chosen: [Port: Int] = [:]

    /// Makes the standard ports.
    public init() {}

    /// One port's number.
    public subscript(port: Port) -> Int {
        get { chosen[port] ?? port.standard }
        set { chosen[port] = newValue }
    }
}
