import Metering

/// The order in which the reports of a call are believed: by channel, then the fuller report, then the earlier one.
///
/// It is a total order over reports, so whatever is chosen by it does not depend on arrival.
enum BeliefOrder {
    static func areInOrder(_ left: Observation, _ right: Observation) -> Bool {
        let (leftRank, rightRank) = (ChannelRank(left), ChannelRank(right))
        if leftRank != rightRank { return leftRank < rightRank }
        let (leftWeight, rightWeight) = (weight(left), weight(right))
        if leftWeight != rightWeight { return leftWeight > rightWeight }
        if left.eventTime != right.eventTime { return left.eventTime < right.eventTime }
        return left.id < right.id
    }

    /// How full a report is: its tokens, then its cost.
    private static func weight(_ observation: Observation) -> (Int64, Int64) {
        guard case .call(_, let tokens, let cost) = observation.content else { return (-1, -1) }
        return (tokens.totalTokens ?? -1, cost?.picodollars ?? -1)
    }
}
