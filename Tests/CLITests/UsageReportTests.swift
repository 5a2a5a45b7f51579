import Console
import Foundation
import Metering
import Testing

@Suite struct UsageReportTests {
    static let unified = UsageReport(kind: .daily, cells: Cells.all)
    static let one = UsageReport(kind: .daily, cells: [Cells.sonnet, Cells.opus])
    static let sessions = UsageReport(kind: .session, cells: Cells.sessions)

    private static func layout(
        _ family: JSONFamily = .unified, subject: String? = nil, _ change: (inout UsageReport.Layout) -> Void = { _ in }
    ) -> UsageReport.Layout {
        var layout = UsageReport.Layout()
        layout.family = family
        layout.subject = subject
        change(&layout)
        return layout
    }

    static let tables: [(golden: String, report: UsageReport, layout: UsageReport.Layout)] = [
        ("daily.txt", unified, layout()),
        ("daily-descending.txt", UsageReport(kind: .daily, cells: Cells.all, order: .desc), layout()),
        ("daily-compact.txt", unified, layout { $0.isCompact = true }),
        ("daily-breakdown.txt", unified, layout { $0.showsBreakdown = true }),
        ("daily-coloured.txt", unified, layout { ($0.isColoured, $0.showsBreakdown) = (true, true) }),
        ("daily-no-cost.txt", unified, layout { $0.showsCost = false }),
        ("weekly.txt", UsageReport(kind: .weekly, cells: Cells.moved(Cells.all, to: "2026-05-17")), layout()),
        ("monthly.txt", UsageReport(kind: .monthly, cells: Cells.moved(Cells.all, to: "2026-05")), layout()),
        ("session.txt", sessions, layout()),
        ("claude-daily.txt", one, layout(.claude, subject: "Claude Code")),
        ("claude-daily-compact.txt", one, layout(.claude, subject: "Claude Code") { $0.isCompact = true }),
        (
            "claude-daily-instances.txt",
            UsageReport(kind: .daily, cells: [Cells.sonnet, Cells.opus], isByProject: true),
            layout(.claude, subject: "Claude Code") { layout in
                layout.isByProject = true
                layout.isColoured = true
                layout.projectAliases = ["/src/web": "Web"]
            }
        ),
        (
            "claude-session.txt",
            UsageReport(kind: .session, cells: Array(Cells.sessions.prefix(3)), isByProject: true),
            layout(.claude, subject: "Claude Code")
        ),
        ("codex-daily.txt", UsageReport(kind: .daily, cells: Cells.of("codex")), layout(.codex, subject: "Codex")),
    ]

    @Test(arguments: tables.indices)
    func `tables look as they should`(index: Int) throws {
        let (golden, report, layout) = Self.tables[index]
        try Golden.expect(try #require(report.text(layout)), is: golden)
    }

    static let documents: [(golden: String, json: JSONDocument)] = [
        ("daily.json", unified.json(.unified)),
        ("daily-one-agent.json", one.json(.unified)),
        ("daily-no-cost.json", one.json(.unified, showsCost: false)),
        (
            "daily-instances.json",
            UsageReport(kind: .daily, cells: Cells.all, isByProject: true).json(.unified, isByProject: true)
        ),
        ("weekly.json", UsageReport(kind: .weekly, cells: Cells.moved(Cells.all, to: "2026-05-17")).json(.unified)),
        ("monthly.json", UsageReport(kind: .monthly, cells: Cells.moved(Cells.all, to: "2026-05")).json(.unified)),
        ("session.json", sessions.json(.unified)),
        ("claude-daily.json", one.json(.claude)),
        (
            "claude-daily-instances.json",
            UsageReport(kind: .daily, cells: [Cells.sonnet, Cells.opus], isByProject: true)
                .json(.claude, isByProject: true)
        ),
        (
            "claude-weekly.json",
            UsageReport(kind: .weekly, cells: Cells.moved([Cells.sonnet], to: "2026-05-17")).json(.claude)
        ),
        (
            "claude-monthly.json",
            UsageReport(kind: .monthly, cells: Cells.moved([Cells.sonnet], to: "2026-05")).json(.claude)
        ),
        (
            "claude-session.json",
            UsageReport(kind: .session, cells: Array(Cells.sessions.prefix(3)), isByProject: true).json(.claude)
        ),
        ("codex-daily.json", UsageReport(kind: .daily, cells: Cells.of("codex")).json(.codex)),
        (
            "codex-session.json",
            UsageReport(kind: .session, cells: [Cells.sessions[3]], isByProject: true).json(.codex)
        ),
        ("opencode-daily.json", UsageReport(kind: .daily, cells: Cells.of("opencode")).json(.agent)),
    ]

    @Test(arguments: documents.indices)
    func `the JSON has the shape scripts read`(index: Int) throws {
        let (golden, json) = Self.documents[index]
        try Golden.expect(json.prettyText, is: golden)
    }

    @Test func `an empty report has no table and empty JSON rows`() {
        let report = UsageReport(kind: .monthly, cells: [])
        #expect(report.text(.init()) == nil)
        #expect(report.json(.unified).prettyText.hasPrefix("{\n  \"monthly\": [],\n"))
        #expect(UsageReport(kind: .session, cells: []).json(.claude).prettyText.hasPrefix("{\n  \"sessions\": [],\n"))
    }

    @Test func `totals are the sum of the rows`() {
        var sum = UsageFigures()
        for row in Self.unified.rows { sum += row.figures }
        #expect(sum == Self.unified.totals)
        #expect(Self.unified.modelsWithoutCost == ["gpt-next"])
    }

    /// Scripts add the numbers up, and people read the table.
    ///
    /// Neither may take an unknown cost for none.
    @Test func `a cost nobody knows is a number that says it is not whole, and never $0 in a table`() throws {
        let report = UsageReport(kind: .daily, cells: [Cells.unknown])
        #expect(report.text(.init())?.contains("$0.00") == false)
        #expect(report.text(.init())?.contains("unpriced") == true)
        for family in [JSONFamily.unified, .claude, .codex, .agent] {
            let json = report.json(family)
            guard case .array(let rows) = json["daily"], let row = rows.first else {
                Issue.record("no row")
                continue
            }
            let cost = row[family == .codex ? "costUSD" : "totalCost"]
            #expect(cost?.decimal == "0")
            let coverage = family == .unified ? row["metadata"]?["coverage"] : row["coverage"]
            #expect(coverage?["chargesWithoutCost"]?.decimal == "1")
            #expect(coverage?["modelsWithoutCost"] == .strings(["gpt-next"]))
            #expect(json["totals"]?["coverage"] != nil)
        }
        let whole = UsageReport(kind: .daily, cells: [Cells.sonnet]).json(.unified).prettyText
        #expect(!whole.contains("coverage"))
    }

    @Test func `without costs no cost is written anywhere`() {
        for family in [JSONFamily.unified, .claude, .codex, .agent] {
            let text = Self.unified.json(family, showsCost: false).prettyText.lowercased()
            #expect(!text.contains("cost"))
        }
    }

    @Test func `a free model costs nothing and says so`() {
        let report = UsageReport(
            kind: .daily, cells: [Cells.cell("2026-05-18", "codex", "free", Cells.figures(1, 1, 0, 0, 0))])
        #expect(report.text(.init())?.contains("$0.00") == true)
    }

    @Test func `sessions stay dearest first whatever the order of days`() {
        let descending = UsageReport(kind: .session, cells: Cells.sessions, order: .desc)
        #expect(descending.rows.map(\.period) == ["bbbb", "aaaa", "cccc"])
        #expect(Self.sessions.rows.first?.project == nil, "a session of two projects has none")
    }

    @Test(arguments: [
        ("claude-sonnet-4-20250514", "claude-sonnet-4"), ("gpt-5.2-codex", "gpt-5.2-codex"), ("o3", "o3"),
        ("model-12345678", "model-12345678"), ("-20250514", "-20250514"),
    ])
    func `model names lose their date`(name: String, short: String) {
        #expect(ModelText.short(name) == short)
    }

    @Test func `agents and harnesses have names for each other`() {
        for agent in HarnessName.agents { #expect(HarnessName.agent(HarnessName.harness(agent)) == agent) }
        #expect(HarnessName.harness("claude") == "claude-code")
        #expect(HarnessName.agent("something-new") == "something-new")
    }
}
