public import Metering

/// One observation of a single call, with what the rules need of it worked out once.
///
/// Immutable and shared: records of calls hold reports, and pass them on without copying them.
public final class Report: Sendable {
    /// What was observed.
    public let observation: Observation
    let figures: Figures
    let rank: ChannelRank
    /// How full it is: its tokens, then its cost.
    let weight: (tokens: Int64, cost: Int64)
    private let text: [UInt8]?

    /// Takes an observation of a single call.
    ///
    /// - Parameter text: its JSON text, where it is at hand, so that keeping the report does not write it anew.
    public init(_ observation: Observation, text: ArraySlice<UInt8>? = nil) {
        self.observation = observation
        self.text = text.map { Array($0) }
        figures = Figures(observation)
        rank = ChannelRank(observation)
        weight = (figures.tokens.totalTokens ?? -1, figures.cost ?? -1)
    }

    /// The observation's identity.
    public var id: ContentID { observation.id }

    /// The observation's JSON text.
    var json: [UInt8] { text ?? IngestEvent.observation(observation).json }
}

extension Report: Hashable {
    /// Whether both are of the same observation.
    public static func == (left: Report, right: Report) -> Bool {
        left === right || left.observation == right.observation
    }

    /// Hashes the observation's identity.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }
}
