import Metering
import Reporting
import Testing

@Suite struct `A usage report` {
    private static let instants = [
        "2026-01-31T23:30:00Z", "2026-02-28T18:29:59Z", "2026-02-28T18:30:00Z", "2026-03-29T00:59:59Z",
        "2026-03-29T01:00:00Z", "2026-03-29T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
        "2026-12-31T23:59:59Z", "2028-02-29T12:00:00Z",
    ]

    /// Cells of every instant, model (none too) and session, as a ledger gives them for a grain.
    private func cells(_ request: UsageRequest, _ grain: ReadPlan.Grain) throws -> [UsageCell] {
        var cells: [UsageCell] = []
        for (index, instant) in Self.instants.enumerated() {
            let seconds = try #require(Timestamp(rfc3339: instant)).seconds
            for (place, model) in [nil, "claude-opus-4-6", "gpt-5"].enumerated() {
                var usage = Usage()
                usage.calls = 1
                usage.charges = 1
                usage.tokens.output = Int64(index * 100 + place)
                usage.autoCost = AmountTotal(picodollars: Int128(index + 1) * 1_000_000_007)
                var values: [Dimension: String] = [.harness: "codex", .tenant: "default", .quality: "exact"]
                values[.model] = model
                values[.project] = index % 2 == 0 ? "a" : nil
                cells.append(
                    UsageCell(
                        time: .init(seconds, offset: request.zone.offset(at: seconds), grain: grain),
                        session: "s\(index % 3)", dimensions: Samples.dimensions(values), usage: usage))
            }
        }
        return cells
    }

    @Test(arguments: ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Beirut"])
    func `rows of every two groupings add up to the same totals`(zone: String) throws {
        let offsets = try #require(Samples.zone(zone))
        var totals: Set<Usage> = []
        for first in GroupKey.allNames {
            for second in GroupKey.allNames where second != first {
                let groups = [first, second].compactMap { GroupKey($0) }
                let request = UsageRequest(groups: groups, zone: offsets)
                let isHourly = groups.contains(.period(.hour))
                let report = UsageReport(request, cells: try cells(request, isHourly ? .hour : .day))
                #expect(report.rows.reduce(into: Usage()) { $0 += $1.usage } == report.totals)
                #expect(Set(report.rows.map(\.labels)).count == report.rows.count)
                totals.insert(report.totals)
            }
        }
        #expect(totals.count == 1)
        #expect(totals.first?.calls == 30)
    }

    /// Chatham's clocks change at a quarter to: the hours before and after begin at the same instant.
    @Test func `hours that begin together are told apart by their offset, in whatever order they are read`() throws {
        let chatham = ZoneOffsets(
            name: "Pacific/Chatham", offset: 45_900, changes: [.init(start: 1_790_431_200, offset: 49_500)])
        let request = UsageRequest(groups: [.period(.hour)], zone: chatham)
        var usage = Usage()
        usage.charges = 1
        let cells = [Int64(1_790_431_100), 1_790_431_300].map { seconds in
            UsageCell(
                time: .init(seconds, offset: chatham.offset(at: seconds), grain: .hour), session: nil,
                dimensions: Samples.dimensions(), usage: usage)
        }
        for cells in [cells, cells.reversed()] {
            let rows = UsageReport(request, cells: cells).rows
            #expect(rows.map { $0.labels[0] } == ["2026-09-27T02:00:00+12:45", "2026-09-27T03:00:00+13:45"])
            #expect(rows.allSatisfy { $0.usage.charges == 1 })
        }
    }

    private func labels(_ group: String, _ zone: ZoneOffsets, _ weekStart: WeekStart = .monday) throws -> [String] {
        var request = UsageRequest(groups: [try #require(GroupKey(group))], zone: zone)
        request.weekStart = weekStart
        let report = UsageReport(request, cells: try cells(request, group == "hour" ? .hour : .day))
        return report.rows.compactMap { $0.labels[0] }
    }

    @Test func `days, weeks and months are those of the zone`() throws {
        #expect(
            try labels("day", Samples.berlin) == [
                "2026-02-01", "2026-02-28", "2026-03-29", "2026-03-30", "2026-10-25", "2027-01-01", "2028-02-29",
            ])
        #expect(
            try labels("day", Samples.kolkata) == [
                "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-29", "2026-03-30", "2026-10-25", "2027-01-01",
                "2028-02-29",
            ])
        #expect(
            try labels("month", Samples.berlin) == ["2026-02", "2026-03", "2026-10", "2027-01", "2028-02"])
        #expect(
            try labels("week", .utc).prefix(4) == ["2026-01-26", "2026-02-23", "2026-03-23", "2026-10-19"])
        #expect(
            try labels("week", .utc, .sunday).prefix(4) == ["2026-01-25", "2026-02-22", "2026-03-29", "2026-10-25"])
    }

    @Test func `the hour that a clock set back shows twice is two hours`() throws {
        let hours = try labels("hour", Samples.berlin).filter { $0.hasPrefix("2026-10-25") }
        #expect(hours == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"])
        #expect(try labels("hour", Samples.kolkata).contains("2026-03-01T00:00:00+05:30"))
    }

    @Test func `a missing value is a row of its own, last, and named`() throws {
        let request = UsageRequest(groups: [.dimension(.model)])
        let report = UsageReport(request, cells: try cells(request, .day))
        #expect(report.rows.map(\.labels) == [["claude-opus-4-6"], ["gpt-5"], [nil]])
        let text = String(decoding: report.json(epoch: "e", sequence: 7), as: UTF8.self)
        #expect(text.contains(#"{"model":"(none)","calls":10"#))
        #expect(text.contains(#""totals":{"calls":30,"#))
    }

    @Test func `pages hold every row once and the same totals`() throws {
        var request = UsageRequest(groups: [.period(.day), .session, .dimension(.model)])
        let all = UsageReport(request, cells: try cells(request, .day))
        #expect(all.next == nil)
        request.limit = 7
        var rows: [[String?]] = []
        repeat {
            let page = UsageReport(request, cells: try cells(request, .day))
            #expect(page.totals == all.totals)
            rows += page.rows.map(\.labels)
            let text = page.next?.text
            guard let text else { break }
            let query = "group_by=day,session,model&cursor=\(text)"
            request.after = try UsageRequest(Samples.parameters(query), zone: Samples.zone).after
        } while rows.count <= all.rows.count
        #expect(rows == all.rows.map(\.labels))
    }

    @Test func `rows of charges that were all taken back do not show`() throws {
        let request = UsageRequest(groups: [.dimension(.model)])
        let cells = [UsageCell(time: .whole, session: nil, dimensions: Samples.dimensions(), usage: Usage())]
        #expect(UsageReport(request, cells: cells).rows.isEmpty)
    }

    @Test func `names are quoted in CSV and cannot become formulas`() throws {
        let request = UsageRequest(groups: [.dimension(.project), .dimension(.user)])
        var usage = Usage()
        usage.charges = 1
        usage.autoCost = AmountTotal(picodollars: 1)
        let cells = [
            UsageCell(
                time: .whole, session: nil,
                dimensions: Samples.dimensions([.project: "a,\"b\"\nc", .user: "=HYPERLINK(1)"]), usage: usage)
        ]
        let lines = String(decoding: UsageReport(request, cells: cells).csv, as: UTF8.self)
        #expect(lines.hasPrefix("project,user,calls,charges,"))
        #expect(lines.contains("\r\n\"a,\"\"b\"\"\nc\",'=HYPERLINK(1),0,1,"))
        #expect(lines.contains(",0.000000000001,"))
    }
}
