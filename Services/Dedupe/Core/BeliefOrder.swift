import Metering

/// The order in which the reports of a call are believed: by channel, then the fuller report, then the earlier one.
///
/// It is a total order over reports, so whatever is chosen by it does not depend on arrival.
enum BeliefOrder {
    static func areInOrder(_ left: Report, _ right: Report) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.weight != right.weight { return left.weight > right.weight }
        let (leftTime, rightTime) = (left.observation.eventTime, right.observation.eventTime)
        return leftTime == rightTime ? left.id < right.id : leftTime < rightTime
    }
}
