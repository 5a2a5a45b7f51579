public import Console
import Metering
public import Rating

/// What a refresh took and what it did not, as text and as JSON.
public struct RefreshReport: Sendable {
    private let provider: String
    private let refresh: PriceRefresh

    /// Reports on a refresh.
    public init(_ refresh: PriceRefresh) {
        provider = refresh.sheet.provider
        self.refresh = refresh
    }

    /// The report, one line for each price.
    public var text: String {
        var lines = ["\(provider): \(refresh.changes.count) taken, \(refresh.quarantined.count) quarantined"]
        for change in refresh.changes {
            lines.append(
                "  taken        \(name(change.model, change.selector))  \(change.kind.rawValue)\(start(change))")
        }
        for found in refresh.quarantined {
            lines.append(
                "  quarantined  \(name(found.model, found.selector))  \(found.reason.rawValue): \(found.detail)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The report as JSON.
    public var json: JSONDocument {
        .object([
            JSONDocument.Member("provider", .string(provider)),
            JSONDocument.Member(
                "taken",
                .array(
                    refresh.changes.map { change in
                        .object([
                            JSONDocument.Member("model", .string(change.model)),
                            JSONDocument.Member("when", .string(change.selector.description)),
                            JSONDocument.Member("kind", .string(change.kind.rawValue)),
                            JSONDocument.Member("from", change.isFromEver ? .null : .string(change.from.description)),
                        ])
                    })),
            JSONDocument.Member(
                "quarantined",
                .array(
                    refresh.quarantined.map { found in
                        .object([
                            JSONDocument.Member("model", .string(found.model)),
                            JSONDocument.Member("when", .string(found.selector.description)),
                            JSONDocument.Member("reason", .string(found.reason.rawValue)),
                            JSONDocument.Member("detail", .string(found.detail)),
                        ])
                    })),
        ])
    }

    private func name(_ model: String, _ selector: PriceSelector) -> String {
        selector == .standard ? model : "\(model) (\(selector))"
    }

    private func start(_ change: PriceRefresh.Change) -> String {
        change.isFromEver ? "" : " from \(change.from)"
    }
}
