import Console
import Foundation
import Metering
import Testing

/// Files that hold what a rendering must give, byte for byte.
///
/// After a change on purpose, run the tests with `TOLLBOOK_RECORD_GOLDEN` set to the folder of the fixtures, and read the
/// difference before it is committed.
enum Golden {
    static func text(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.resourceURL)
        return try String(contentsOf: folder.appending(path: "Fixtures/\(name)"), encoding: .utf8)
    }

    static func expect(
        _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if let folder = ProcessInfo.processInfo.environment["TOLLBOOK_RECORD_GOLDEN"] {
            try Data(text.utf8).write(to: URL(filePath: folder).appending(path: name))
            Issue.record("recorded \(name)", sourceLocation: sourceLocation)
        } else {
            #expect(text == (try Self.text(name)), sourceLocation: sourceLocation)
        }
    }
}

/// Cells of reports, from the few things a test is about.
enum Cells {
    static func figures(
        _ input: Int64, _ output: Int64, _ created: Int64, _ read: Int64, _ microdollars: Int128, unpriced: Int64 = 0,
        reasoning: Int64 = 0, calls: Int64 = 1
    ) -> UsageFigures {
        var figures = UsageFigures()
        figures.inputTokens = input
        figures.outputTokens = output
        figures.cacheCreationTokens = created
        figures.cacheReadTokens = read
        figures.reasoningTokens = reasoning
        figures.cost = AmountTotal(picodollars: microdollars * 1_000_000)
        figures.calls = calls
        figures.charges = calls
        figures.chargesWithoutCost = unpriced
        return figures
    }

    static func cell(
        _ period: String, _ harness: String, _ model: String?, _ figures: UsageFigures, project: String? = nil,
        activity: (first: String, last: String)? = nil
    ) -> UsageCell {
        var cell = UsageCell(period: period, harness: harness, model: model, figures: figures)
        cell.project = project
        cell.firstActivity = activity.flatMap { Timestamp(rfc3339: $0.first) }
        cell.lastActivity = activity.flatMap { Timestamp(rfc3339: $0.last) }
        return cell
    }

    static let sonnet = cell(
        "2026-05-18", "claude-code", "claude-sonnet-4-20250514", figures(1000, 40, 10, 5, 400_000), project: "/src/web")
    static let opus = cell(
        "2026-05-18", "claude-code", "claude-opus-4-6", figures(234, 16, 0, 0, 19_177), project: "/src/api")
    static let unknown = cell(
        "2026-05-18", "codex", "gpt-next", figures(70, 7, 0, 0, 0, unpriced: 1, reasoning: 3), project: "/src/api")
    static let nextDay = cell(
        "2026-05-19", "codex", "gpt-next", figures(70, 7, 0, 30, 0, unpriced: 1, reasoning: 2))
    static let priced = cell(
        "2026-05-19", "codex", "gpt-5.2-codex", figures(1_200_000, 7_000, 0, 5_000_000, 2_000_000, reasoning: 5_000))
    static let openCode = cell(
        "2026-05-20", "opencode", "claude-opus-4-6", figures(12, 3, 4, 5, 1_500, calls: 2))

    static let all = [sonnet, opus, unknown, nextDay, priced, openCode]

    static func of(_ harness: String) -> [UsageCell] { all.filter { $0.harness == harness } }

    /// The same cells as another period would have them.
    static func moved(_ cells: [UsageCell], to period: String) -> [UsageCell] {
        cells.map { cell in
            var cell = cell
            cell.period = period
            return cell
        }
    }

    static let sessions = [
        cell(
            "aaaa", "claude-code", "claude-opus-4-6", figures(1, 2, 3, 4, 500_000), project: "/src/web",
            activity: ("2026-05-18T09:00:00.5Z", "2026-05-18T10:00:00Z")),
        cell(
            "bbbb", "claude-code", "claude-opus-4-6", figures(1, 2, 3, 4, 1_500_000), project: "/src/api",
            activity: ("2026-05-18T23:30:00Z", "2026-05-19T00:30:00.123456Z")),
        cell(
            "bbbb", "claude-code", nil, figures(1, 0, 0, 0, 0), project: "/src/web",
            activity: ("2026-05-18T23:30:00Z", "2026-05-19T00:30:00.123456Z")),
        cell(
            "cccc", "codex", "gpt-next", figures(70, 7, 0, 0, 0, unpriced: 1, reasoning: 3),
            activity: ("2026-05-18T11:00:00Z", "2026-05-18T11:00:00Z")),
    ]
}
