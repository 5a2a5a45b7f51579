public import Ledger
import Metering

/// What a charge can be grouped and filtered by, apart from time and session.
public enum Dimension: String, CaseIterable, Hashable, Sendable {
    /// Whose data it is.
    case tenant
    /// The coding agent.
    case harness
    /// Who served the model.
    case provider
    /// The model.
    case model
    /// The project.
    case project
    /// The source repository.
    case repository
    /// The branch.
    case branch
    /// The user.
    case user
    /// The team.
    case team
    /// The machine.
    case host
    /// The name of the agent inside the harness.
    case agent
    /// The role of the caller inside the harness.
    case caller
    /// How the figures came about.
    case quality
    /// How far it could be priced.
    case status
    /// The channel whose report the figures rest on first.
    case channel
}

/// One value, or none, for every dimension.
public struct DimensionValues: Hashable, Sendable {
    /// The values in the order of `Dimension.allCases`.
    public let values: [String?]

    /// Takes stored values, one for every dimension.
    public init(values: [String?]) {
        precondition(values.count == Dimension.allCases.count, "every dimension has a value or nil")
        self.values = values
    }

    /// Takes the values of a charge; a retracted one keeps its scope alone.
    public init(_ charge: Charge) {
        let call = charge.call
        let attribution = call.attribution
        values = [
            call.scope.tenant, call.scope.harness.rawValue, call.provider?.rawValue, call.model, attribution.project,
            attribution.repository, attribution.branch, attribution.user, attribution.team, attribution.host,
            attribution.agentName, attribution.caller, call.quality.rawValue, charge.rating.status.rawValue,
            call.evidence.items.first { $0.verdict == .counted }?.channel.rawValue,
        ]
    }

    /// The value of one dimension.
    public subscript(dimension: Dimension) -> String? { values[dimension.index] }

    /// The same with some dimensions alone; the others have no value.
    public func kept(_ wanted: Set<Dimension>) -> DimensionValues {
        var kept = [String?](repeating: nil, count: values.count)
        for dimension in wanted { kept[dimension.index] = values[dimension.index] }
        return DimensionValues(values: kept)
    }

    /// A text that two sets share only if they are equal.
    public var identity: [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            guard let value else {
                bytes.append(0)
                continue
            }
            // Lengths make the parts unambiguous whatever the values hold.
            let utf8 = Array(value.utf8)
            bytes.append(1)
            withUnsafeBytes(of: UInt32(utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: utf8)
        }
        return bytes
    }
}

extension Dimension {
    /// The place of the dimension in ``DimensionValues/values``.
    var index: Int {
        switch self {
        case .tenant: 0
        case .harness: 1
        case .provider: 2
        case .model: 3
        case .project: 4
        case .repository: 5
        case .branch: 6
        case .user: 7
        case .team: 8
        case .host: 9
        case .agent: 10
        case .caller: 11
        case .quality: 12
        case .status: 13
        case .channel: 14
        }
    }
}
