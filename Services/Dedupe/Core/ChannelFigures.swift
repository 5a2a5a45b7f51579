import Metering

/// Which channel of a call is believed before which: the lowest authority first.
struct ChannelRank: Hashable, Comparable, Sendable {
    let authority: Int64
    let channel: Channel

    init(authority: Int64, channel: Channel) {
        self.authority = authority
        self.channel = channel
    }

    init(_ observation: Observation) {
        self.init(authority: observation.authority, channel: observation.channel)
    }

    static func < (left: ChannelRank, right: ChannelRank) -> Bool {
        (left.authority, left.channel.defaultAuthority) < (right.authority, right.channel.defaultAuthority)
    }
}

/// All that one channel said about a call: the fieldwise maximum of its reports, and when the last of them was.
struct ChannelFigures: Hashable, Sendable {
    let rank: ChannelRank
    var figures: Figures
    /// The latest event time: completion, where a stream reports several times.
    var latest: Timestamp

    init(rank: ChannelRank, figures: Figures, latest: Timestamp) {
        self.rank = rank
        self.figures = figures
        self.latest = latest
    }

    init(_ report: Report) {
        self.init(rank: report.rank, figures: report.figures, latest: report.observation.eventTime)
    }

    mutating func join(_ other: ChannelFigures) {
        figures = figures.fieldwiseMaximum(other.figures)
        latest = max(latest, other.latest)
    }
}
