import Metering
import Reporting
import Testing
import Wire

@Suite struct `A budget` {
    private static func budget(_ json: String, isFile: Bool = true) throws -> Budget {
        var reader = JSONReader(json)
        return try Budget(from: &reader, isFile: isFile) { Samples.zone($0) != nil }
    }

    private static func text(_ budget: Budget) -> String {
        var json = JSONWriter()
        json.object { $0.members(of: budget) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        #"{"name":"a","limit_usd":"20.50","period":"month"}"#,
        #"{"name":"b.c-d_e","limit_usd":1e2,"period":"day","timezone":"Europe/Berlin","warning_percent":50}"#,
        #"{"name":"c","limit_tokens":5000000,"period":"week","week_start":"sunday","per":"user"}"#,
        #"{"name":"d","limit_usd":"5","per":"session"}"#,
        #"{"name":"e","limit_usd":"5","match":{"project":["web","api"],"team":"core","model":"(none)","session":["s"]},"cost":"computed"}"#,
    ])
    func `survives being written`(json: String) throws {
        let budget = try Self.budget(json)
        #expect(try Self.budget(Self.text(budget)) == budget)
    }

    @Test func `has the defaults that its document says`() throws {
        let budget = try Self.budget(#"{"name":"a","limit_usd":"20"}"#)
        #expect((budget.period, budget.warningPercent, budget.cost, budget.split) == (.month, 80, .auto, nil))
        #expect(try Self.budget(#"{"name":"a","limit_usd":"20","per":"session"}"#).period == .all)
    }

    @Test(arguments: [
        (#"{"limit_usd":"20"}"#, "name"), (#"{"name":"a b","limit_usd":"20"}"#, "name"),
        (#"{"name":"..","limit_usd":"20"}"#, "name"), (#"{"name":"a"}"#, "limit_usd"),
        (#"{"name":"a","limit_usd":"20","limit_tokens":1}"#, "limit_usd"),
        (#"{"name":"a","limit_usd":"0"}"#, "limit_usd"), (#"{"name":"a","limit_usd":"-1"}"#, "limit_usd"),
        (#"{"name":"a","limit_usd":"much"}"#, "limit_usd"), (#"{"name":"a","limit_tokens":0}"#, "limit_tokens"),
        (#"{"name":"a","limit_usd":"1","period":"year"}"#, "period"),
        (#"{"name":"a","limit_usd":"1","per":"planet"}"#, "per"),
        (#"{"name":"a","limit_usd":"1","match":{"planet":"earth"}}"#, "match"),
        (#"{"name":"a","limit_usd":"1","match":{"user":[]}}"#, "match"),
        (#"{"name":"a","limit_usd":"1","match":{"user":""}}"#, "match"),
        (#"{"name":"a","limit_usd":"1","match":{"user":["ann",""]}}"#, "match"),
        (#"{"name":"a","limit_usd":"1","timezone":"Mars/Base"}"#, "timezone"),
        (#"{"name":"a","limit_usd":"1","warning_percent":0}"#, "warning_percent"),
        (#"{"name":"a","limit_usd":"1","limits":"2"}"#, "limits"), (#"["a"]"#, "budget"),
        (#"{"name":"a","limit_usd":"1","webhook":"file:///etc/passwd"}"#, "webhook"),
    ])
    func `that cannot be is refused by the member at fault`(json: String, member: String) {
        let error = #expect(throws: RequestError.self) { try Self.budget(json) }
        #expect(error?.parameter == member)
    }

    @Test func `of much is told how amounts are written`() {
        let error = #expect(throws: RequestError.self) { try Self.budget(#"{"name":"a","limit_usd":"much"}"#) }
        #expect(error.map { "\($0)".contains("dollars in digits") } == true)
    }

    @Test func `of the API names no webhook`() throws {
        let json = #"{"name":"a","limit_usd":"1","webhook":"https://hooks.example/secret"}"#
        #expect(try Self.budget(json).webhook == "https://hooks.example/secret")
        #expect(!Self.text(try Self.budget(json)).contains("secret"))
        #expect(throws: RequestError.self) { try Self.budget(json, isFile: false) }
    }

    @Test(arguments: [
        ("day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("day", "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("day", "UTC", "2028-02-29T23:59:59Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("day", "Asia/Beirut", "2026-03-28T23:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
        ("week", "UTC", "2026-05-17T10:00:00Z", "2026-05-11T00:00:00Z", "2026-05-18T00:00:00Z"),
        ("week", "Europe/Berlin", "2026-03-30T10:00:00Z", "2026-03-29T22:00:00Z", "2026-04-05T22:00:00Z"),
        ("month", "Asia/Kolkata", "2028-02-29T20:00:00Z", "2028-02-29T18:30:00Z", "2028-03-31T18:30:00Z"),
        ("month", "Europe/Berlin", "2026-10-31T23:30:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
    ])
    func `lasts a period of its zone`(period: String, zone: String, now: String, start: String, end: String) throws {
        let budget = try Self.budget(#"{"name":"a","limit_usd":"1","period":"\#(period)"}"#)
        let window = BudgetWindow(
            budget, at: try #require(Timestamp(rfc3339: now)), in: try #require(Samples.zone(zone)))
        #expect(window.start?.description == start)
        #expect(window.end?.description == end)
    }

    @Test func `may begin its week on any day`() throws {
        let budget = try Self.budget(#"{"name":"a","limit_usd":"1","period":"week","week_start":"saturday"}"#)
        let window = BudgetWindow(budget, at: try #require(Timestamp(rfc3339: "2026-05-15T10:00:00Z")), in: .utc)
        #expect(window.start?.description == "2026-05-09T00:00:00Z")
    }

    private static func cell(
        _ dollars: String, user: String? = nil, tokens: Int64 = 0, unpriced: Int64 = 0, session: String? = nil
    ) -> UsageCell {
        var usage = Usage()
        usage.charges = 1
        usage.autoCost = AmountTotal(dollars: dollars) ?? .zero
        usage.tokens.output = tokens
        usage.costless = Usage.Share(charges: unpriced, tokens: unpriced * 10)
        return UsageCell(
            time: .whole, session: session, dimensions: Samples.dimensions(user.map { [.user: $0] } ?? [:]),
            usage: usage)
    }

    private static func status(_ json: String, _ cells: [UsageCell]) throws -> BudgetStatus {
        BudgetStatus(
            try budget(json), BudgetWindow(try budget(json), at: Timestamp(seconds: 0), in: .utc), zone: .utc,
            cells: cells)
    }

    @Test(arguments: [
        ("0", BudgetStatus.State.ok), ("7.999999999999", .ok), ("8", .warning), ("10", .warning),
        ("10.000000000001", .exceeded), ("1000", .exceeded),
    ])
    func `warns from its part on and is exceeded above its limit, to the picodollar`(
        used: String, state: BudgetStatus.State
    ) throws {
        let status = try Self.status(#"{"name":"a","limit_usd":"10"}"#, [Self.cell(used)])
        #expect(status.state == state)
    }

    @Test(
        arguments: [(0, .ok), (799, .ok), (800, .warning), (1000, .warning), (1001, .exceeded)]
            as [(Int64, BudgetStatus.State)])
    func `may be of tokens`(used: Int64, state: BudgetStatus.State) throws {
        let status = try Self.status(#"{"name":"a","limit_tokens":1000}"#, [Self.cell("0", tokens: used)])
        #expect(status.state == state)
    }

    @Test func `may be given to everyone, and the one who used most decides`() throws {
        let status = try Self.status(
            #"{"name":"a","limit_usd":"10","per":"user"}"#,
            [Self.cell("3", user: "ann"), Self.cell("8", user: "ann"), Self.cell("9", user: "bob"), Self.cell("1")])
        #expect(status.entries.map(\.key) == ["ann", "bob", "(none)"])
        #expect(status.entries.map(\.state) == [.exceeded, .warning, .ok])
        #expect(status.state == .exceeded)
        #expect(status.usedMillionths == 1_100_000)
    }

    @Test func `says what its money leaves out`() throws {
        let status = try Self.status(#"{"name":"a","limit_usd":"10"}"#, [Self.cell("12.5", unpriced: 2)])
        let notice = BudgetText.notice(status, try #require(status.entries.first))
        #expect(
            notice == "Tollbook budget a is exceeded: $12.50 of $10.00 used (125 %) in the month from "
                + "1970-01-01T00:00:00Z to 1970-02-01T00:00:00Z. 2 calls with 20 tokens have no known cost and are not in it"
        )
        var json = JSONWriter()
        json.object { $0.members(of: status, source: "api") }
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(text.contains(#""without_cost":{"charges":2,"tokens":20}"#))
        #expect(text.contains(#""used_ratio":"1.250000""#))
    }

    @Test func `remembers a crossing anew when its limit changes`() throws {
        let first = try Self.budget(#"{"name":"a","limit_usd":"10"}"#)
        let second = try Self.budget(#"{"name":"a","limit_usd":"20"}"#)
        #expect(first.fingerprint != second.fingerprint)
        #expect(first.fingerprint == (try Self.budget(#"{"name":"a","limit_usd":"10.0"}"#).fingerprint))
    }
}
