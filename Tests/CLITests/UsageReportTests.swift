import Console
import Foundation
import Metering
import Testing

@Suite struct UsageReportTests {
    static let sonnet = cell("2026-05-18", "claude-code", "claude-sonnet-4-20250514", 1000, 40, 10, 5, 400_000)
    static let opus = cell("2026-05-18", "claude-code", "claude-opus-4-6", 234, 16, 0, 0, 19_177)
    static let unknown = cell("2026-05-18", "codex", "gpt-next", 70, 7, 0, 0, 0, unpriced: 1)
    static let nextDay = cell("2026-05-19", "codex", "gpt-next", 70, 7, 0, 0, 0, unpriced: 1)

    static let one = UsageReport(kind: .daily, cells: [sonnet, opus])
    static let mixed = UsageReport(kind: .daily, cells: [sonnet, opus, unknown, nextDay], order: .desc)
    static let sessions = UsageReport(
        kind: .session,
        cells: [
            cell("aaaa", "claude-code", "claude-opus-4-6", 1, 2, 3, 4, 500_000, activity: "2026-05-18T10:00:00Z"),
            cell("bbbb", "claude-code", "claude-opus-4-6", 1, 2, 3, 4, 1_500_000, activity: "2026-05-18T11:00:00Z"),
            cell("bbbb", "claude-code", nil, 1, 0, 0, 0, 0, activity: "2026-05-19T11:00:00Z"),
        ])

    @Test(arguments: [
        ("daily-compact.txt", one, UsageReport.Layout(isCompact: true)),
        ("daily-mixed.txt", mixed, UsageReport.Layout()),
        ("daily-breakdown.txt", mixed, UsageReport.Layout(showsBreakdown: true)),
        ("daily-coloured.txt", one, UsageReport.Layout(isCompact: true, isColoured: true)),
        ("session.txt", sessions, UsageReport.Layout()),
    ])
    func `tables look as they should`(golden: String, report: UsageReport, layout: UsageReport.Layout) throws {
        let text = try #require(report.text(layout))
        #expect(text == (try Golden.text(golden)))
    }

    @Test(arguments: [("daily.json", one), ("daily-mixed.json", mixed), ("session.json", sessions)])
    func `the JSON has the shape scripts read`(golden: String, report: UsageReport) throws {
        #expect(report.json.prettyText == (try Golden.text(golden)))
    }

    @Test func `an empty report has no table and empty JSON rows`() {
        let report = UsageReport(kind: .monthly, cells: [])
        #expect(report.text(.init()) == nil)
        #expect(report.json.prettyText.hasPrefix("{\n  \"monthly\": [],\n"))
    }

    @Test func `totals are the sum of the rows`() {
        var sum = UsageFigures()
        for row in Self.mixed.rows { sum += row.figures }
        #expect(sum == Self.mixed.totals)
        #expect(Self.mixed.modelsWithoutCost == ["gpt-next"])
    }

    @Test func `a cost nobody knows is never shown as zero`() {
        let report = UsageReport(kind: .daily, cells: [Self.unknown])
        #expect(report.text(.init())?.contains("$0.00") == false)
        #expect(report.text(.init())?.contains("unpriced") == true)
        #expect(report.json.prettyText.contains("\"totalCost\": null"))
    }

    @Test func `a free model costs nothing and says so`() {
        let report = UsageReport(kind: .daily, cells: [Self.cell("2026-05-18", "codex", "free", 1, 1, 0, 0, 0)])
        #expect(report.text(.init())?.contains("$0.00") == true)
    }

    @Test(arguments: [
        ("claude-sonnet-4-20250514", "claude-sonnet-4"), ("gpt-5.2-codex", "gpt-5.2-codex"), ("o3", "o3"),
        ("model-12345678", "model-12345678"), ("-20250514", "-20250514"),
    ])
    func `model names lose their date`(name: String, short: String) {
        #expect(ModelText.short(name) == short)
    }

    private static func cell(
        _ period: String, _ harness: String, _ model: String?, _ input: Int64, _ output: Int64, _ created: Int64,
        _ read: Int64, _ microdollars: Int128, unpriced: Int64 = 0, activity: String? = nil
    ) -> UsageCell {
        var figures = UsageFigures()
        figures.inputTokens = input
        figures.outputTokens = output
        figures.cacheCreationTokens = created
        figures.cacheReadTokens = read
        figures.cost = AmountTotal(picodollars: microdollars * 1_000_000)
        figures.charges = 1
        figures.chargesWithoutCost = unpriced
        var cell = UsageCell(period: period, harness: harness, model: model, figures: figures)
        cell.lastActivity = activity.flatMap { Timestamp(rfc3339: $0) }
        return cell
    }
}

/// Files that hold what a rendering must give, byte for byte.
enum Golden {
    static func text(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.resourceURL)
        return try String(contentsOf: folder.appending(path: "Fixtures/\(name)"), encoding: .utf8)
    }
}
