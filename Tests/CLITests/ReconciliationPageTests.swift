import Console
import Metering
import Testing
import Wire

@Suite struct ReconciliationPageTests {
    private static let page = Array(
        """
        {"v":1,"epoch":"e","seq":9,"reconciliations":[{"tenant":"default","harness":"claude-code","session":"s1",
        "revision":4,"policy":"authority","owned":["output"],"channels":[
        {"channel":"log","field":"output","seen":"14502","counted":"14502","duplicate":"0","superseded":"0",
        "conflicting":"0"},
        {"channel":"metric","field":"output","seen":"14510","counted":"0","duplicate":"0","superseded":"14510",
        "conflicting":"0"},
        {"channel":"metric","field":"cost","seen":"1.096","counted":"1.096","duplicate":"0","superseded":"0",
        "conflicting":"0"}],
        "coverage":[{"field":"output","aggregates":"14510","calls":"14502","residual":"8"},
        {"field":"cost","aggregates":"1.096","calls":"0","residual":"1.096"}],
        "recorded_time":"2026-06-11T10:00:00Z"}],"next_cursor":null}
        """.utf8)

    @Test func `a session's record is a table by field and channel, and one of what counters say beside`() throws {
        let text = try ReconciliationPage(json: Self.page).text(isColoured: false)
        #expect(
            text == """
                claude-code  s1

                ┌────────┬─────────┬────────┬─────────┬───────────┬────────────┬─────────────┐
                │ Field  │ Channel │   Seen │ Counted │ Duplicate │ Superseded │ Conflicting │
                ├────────┼─────────┼────────┼─────────┼───────────┼────────────┼─────────────┤
                │ output │ log     │ 14,502 │  14,502 │         0 │          0 │           0 │
                │        │ metric  │ 14,510 │       0 │         0 │     14,510 │           0 │
                ├────────┼─────────┼────────┼─────────┼───────────┼────────────┼─────────────┤
                │ cost   │ metric  │ $1.096 │  $1.096 │        $0 │         $0 │          $0 │
                └────────┴─────────┴────────┴─────────┴───────────┴────────────┴─────────────┘

                What counters say beside the calls (policy authority)

                ┌────────┬──────────┬────────┬──────────┬────────────┐
                │ Field  │ Counters │  Calls │ Residual │ Taken from │
                ├────────┼──────────┼────────┼──────────┼────────────┤
                │ output │   14,510 │ 14,502 │        8 │ calls      │
                │ cost   │   $1.096 │     $0 │   $1.096 │ counters   │
                └────────┴──────────┴────────┴──────────┴────────────┘

                """)
    }

    @Test func `an overview has one line for each session`() throws {
        let text = try ReconciliationPage(json: Self.page).overview(isColoured: false)
        #expect(text.contains("│ claude-code │ s1      │ log, metric │     14,510 │           0 │        8 │"))
    }
}
