import Console
import Testing

@Suite struct `Budgets as the command shows them` {
    private static let answer = """
        {"v":1,"epoch":"e","state":"exceeded","budgets":[
        {"name":"month","limit_usd":"20","period":"month","per":null,"match":{},"warning_percent":80,"cost":"auto",
        "source":"file","state":"warning","window":{"start":"2026-05-01T00:00:00Z","end":"2026-06-01T00:00:00Z"},
        "entries":[{"key":null,"state":"warning","used_ratio":"0.823400","calls":3,"charges":3,
        "tokens":{"uncached_input":10,"output":5},"cost_usd":"16.468","without_cost":{"charges":1,"tokens":7}}]},
        {"name":"users","limit_tokens":1000,"period":"day","per":"user","match":{},"warning_percent":80,"cost":"auto",
        "source":"api","state":"exceeded","window":{},
        "entries":[{"key":"ann","state":"exceeded","used_ratio":"1.500000","calls":1,"charges":1,
        "tokens":{"uncached_input":1500},"cost_usd":"0","without_cost":{"charges":1,"tokens":7}},
        {"key":"bob","state":"ok","used_ratio":"0.100000","calls":1,"charges":1,
        "tokens":{"uncached_input":100},"cost_usd":"1","without_cost":{"charges":0,"tokens":0}}]},
        {"name":"sessions","limit_usd":"5","period":"all","per":"session","match":{},"warning_percent":80,"cost":"auto",
        "source":"api","state":"ok","window":{},"entries":[]}]}
        """

    private static func page() throws -> BudgetPage { try BudgetPage(json: Array(answer.utf8)) }

    @Test func `a table shows each with its state`() throws {
        try Golden.expect(try #require(try Self.page().text(isColoured: false)), is: "budgets.txt")
        try Golden.expect(
            try #require(try Self.page().text(isColoured: true, entryLimit: 1)), is: "budgets-coloured.txt")
    }

    @Test func `the worst entry decides, of those that are asked for`() throws {
        let page = try Self.page()
        #expect(page.state == .exceeded)
        #expect(page.keeping(names: ["month"], keys: []).state == .warning)
        #expect(page.keeping(names: ["users"], keys: ["bob"]).state == .ok)
        #expect(page.keeping(names: ["users"], keys: ["nobody"]).state == .ok)
        #expect(page.keeping(names: ["month"], keys: ["bob"]).state == .warning, "a shared budget is everyone's")
    }

    @Test func `money budgets say what they leave out`() throws {
        let page = try Self.page()
        #expect(page.remarks == ["month: 1 calls have no known cost and are not in it"])
        #expect(page.hasUnknownCost)
        #expect(!page.keeping(names: ["users", "sessions"], keys: []).hasUnknownCost)
    }
}
