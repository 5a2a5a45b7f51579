public import Metering

/// Everything that is remembered of one call: what its channels said, bounded, in a form that order cannot change.
///
/// Adding a report and joining two records are unions: each may happen in any order and any number of times. Figures
/// and origin are exact however many reports there are. The first ``maximumReports`` in the order of belief are kept
/// whole, for texts and evidence; of further ones only the identity is kept, up to ``maximumFolded``.
public struct CallRecord: Hashable, Sendable {
    /// The most reports kept whole.
    public static let maximumReports = 64
    /// The most identities kept of further reports.
    public static let maximumFolded = 4096

    /// The best of the call's keys.
    public private(set) var key: CallKey
    /// What consumers were told last.
    public var published: Published?
    /// Reports in the order of belief.
    public private(set) var reports: [Report] = []
    /// Identities of reports that are not kept whole, ascending.
    public private(set) var folded: [ContentID] = []
    /// What each channel said, the most believed first.
    private(set) var channels: [ChannelFigures] = []
    private(set) var origin: Origin
    /// Reports that joined by their place in the conversation; only in what is shown of a call, never kept.
    private(set) var companions: Set<ContentID> = []

    /// Starts the record of a call with its first report.
    public init(_ report: Report, key: CallKey) {
        self.key = key
        origin = Origin(report.observation)
        channels = [ChannelFigures(report)]
        reports = [report]
    }

    /// Continues a record that was stored.
    init(
        key: CallKey, published: Published?, reports: [Report], folded: [ContentID], channels: [ChannelFigures],
        origin: Origin
    ) {
        self.key = key
        self.published = published
        self.reports = reports
        self.folded = folded
        self.channels = channels
        self.origin = origin
    }

    /// The conversation the call belongs to.
    public var scope: Scope { origin.scope }

    /// Whether a report is already part of the record.
    public func contains(_ id: ContentID) -> Bool {
        reports.contains { $0.id == id } || folded.containsSorted(id)
    }

    /// Whether a report of the same identity is part of the record and reports other figures or another model.
    ///
    /// Of reports that are not kept whole nothing is left to compare.
    public func contradicts(_ report: Report) -> Bool {
        guard let known = reports.first(where: { $0.id == report.id }) else { return false }
        if known.figures != report.figures { return true }
        // A report that names no model contradicts none; of a compact record one report holds what others named.
        guard let model = known.observation.reportedModel, let other = report.observation.reportedModel else {
            return false
        }
        return model != other
    }

    /// Adds a report and the best of its keys.
    public mutating func insert(_ report: Report, key: CallKey) {
        if key != self.key { self.key = min(self.key, key) }
        origin = min(origin, Origin(report.observation))
        join(ChannelFigures(report))
        keep(report)
        trim()
    }

    /// Takes in another record, because a key showed that both are one call.
    public mutating func join(_ other: CallRecord) {
        key = min(key, other.key)
        origin = min(origin, other.origin)
        for channel in other.channels { join(channel) }
        for report in other.reports { keep(report) }
        for id in other.folded { folded.insertSorted(id) }
        trim()
    }

    /// Adds what a call says that is the same one by its place in the conversation.
    mutating func attach(_ companion: CallRecord) {
        companions.formUnion(companion.reports.map(\.id))
        join(companion)
    }

    /// The record with some of its reports; of the others the identities stay.
    func with(reports kept: [Report]) -> CallRecord {
        var record = self
        record.reports = kept
        for report in reports where !kept.contains(where: { $0.id == report.id }) {
            record.folded.insertSorted(report.id)
        }
        record.trim()
        return record
    }

    private mutating func join(_ other: ChannelFigures) {
        if let index = channels.firstIndex(where: { $0.rank >= other.rank }) {
            if channels[index].rank == other.rank {
                channels[index].join(other)
            } else {
                channels.insert(other, at: index)
            }
        } else {
            channels.append(other)
        }
    }

    private mutating func keep(_ report: Report) {
        guard !contains(report.id) else { return }
        let index = reports.firstIndex { BeliefOrder.areInOrder(report, $0) } ?? reports.endIndex
        reports.insert(report, at: index)
    }

    private mutating func trim() {
        while reports.count > Self.maximumReports { folded.insertSorted(reports.removeLast().id) }
        if folded.count > Self.maximumFolded { folded.removeLast(folded.count - Self.maximumFolded) }
    }
}

/// The key, number and revision under which consumers know something.
public struct Published: Hashable, Sendable {
    /// The number of the key.
    public var number: Int64
    /// The key.
    public var key: CallKey
    /// The last revision.
    public var revision: Int64
    /// Whether that revision took it back.
    public var isRetracted = false

    /// Makes the first publication of a key.
    public init(number: Int64, key: CallKey, revision: Int64 = 1) {
        self.number = number
        self.key = key
        self.revision = revision
    }
}

extension Array where Element: Comparable {
    /// Whether an ascending array has an element.
    func containsSorted(_ element: Element) -> Bool {
        let index = sortedIndex(of: element)
        return index < endIndex && self[index] == element
    }

    /// Adds an element to an ascending array without repeats.
    mutating func insertSorted(_ element: Element) {
        let index = sortedIndex(of: element)
        if index == endIndex || self[index] != element { insert(element, at: index) }
    }

    private func sortedIndex(of element: Element) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
