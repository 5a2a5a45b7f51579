import Console
import Metering
import Testing

@Suite struct `Blocks of hours` {
    private static func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(seconds: 0) }

    private static func block(
        _ start: String, _ first: String, _ last: String, _ figures: UsageFigures, isActive: Bool = false,
        models: [String] = ["claude-opus-4-6"]
    ) -> UsageBlock {
        var block = UsageBlock(start: time(start), end: Timestamp(seconds: time(start).seconds + 5 * 3600))
        block.firstActivity = time(first)
        block.lastActivity = time(last)
        block.figures = figures
        block.isActive = isActive
        block.models = models
        return block
    }

    /// A finished block, a silence of nine hours, and a block in its fourth hour.
    private static let page = BlockPage(
        blocks: [
            block(
                "2026-05-18T10:00:00Z", "2026-05-18T10:10:00Z", "2026-05-18T14:40:00.25Z",
                Cells.figures(1000, 500, 200, 98_300, 2_000_000, calls: 12)),
            block(
                "2026-05-18T23:00:00Z", "2026-05-18T23:30:00Z", "2026-05-19T01:30:00Z",
                Cells.figures(40_000, 20_000, 0, 60_000, 4_000_000, unpriced: 1, calls: 20), isActive: true,
                models: ["claude-opus-4-6", "claude-sonnet-4-20250514"]),
        ], now: time("2026-05-19T02:00:00Z"))

    private static func local(_ time: Timestamp) -> String {
        String(time.description.prefix(16).map { $0 == "T" ? " " : $0 })
    }

    @Test func `a silence longer than a block is a gap`() {
        let list = BlockList(Self.page)
        #expect(list.blocks.map(\.isGap) == [false, true, false])
        // From five hours after the last call on.
        #expect(list.blocks[1].start == Self.time("2026-05-18T19:40:00.25Z"))
        #expect(list.blocks[1].end == Self.time("2026-05-18T23:30:00Z"))
        #expect(BlockList(Self.page, order: .desc).blocks.map(\.isActive) == [true, false, false])
        #expect(list.active.blocks.count == 1)
        #expect(list.since(Self.time("2026-05-18T12:00:00Z")).blocks.count == 2)
    }

    @Test func `clocks that are centuries apart make one gap`() throws {
        let early = Self.block("1677-09-21T00:13:00Z", "1677-09-21T00:13:00Z", "1677-09-21T00:13:00Z", UsageFigures())
        let late = Self.block("2262-04-11T10:00:00Z", "2262-04-11T10:00:00Z", "2262-04-11T13:00:00Z", UsageFigures())
        try #require(early.start.seconds < 0 && late.end.seconds > Self.page.now.seconds)
        let list = BlockList(BlockPage(blocks: [early, late], now: Self.page.now))
        #expect(list.blocks.map(\.isGap) == [false, true, false])
        #expect(list.blocks[1].end == late.firstActivity)
        #expect(try #require(list.text(BlockList.Layout(), localTime: Self.local)).contains("gap"))
    }

    @Test func `a burn rate is what came between the first and the last call`() throws {
        let block = Self.page.blocks[1]
        let rate = try #require(block.burnRate)
        #expect(rate.microtokensPerMinute == 1_000_000_000)  // 120,000 tokens in 120 minutes
        #expect(rate.uncachedMicrotokensPerMinute == 500_000_000)
        #expect(rate.costPerHour.description == "2")
        let projection = try #require(block.projection(at: Self.page.now))
        #expect(projection.remainingMinutes == 120)
        #expect(projection.tokens == 240_000)
        #expect(projection.cost.description == "8")
    }

    @Test func `a block of one moment has no burn rate, and one that is over no projection`() {
        var block = Self.page.blocks[0]
        #expect(block.projection(at: Self.page.now) == nil)
        block.lastActivity = block.firstActivity
        #expect(block.burnRate == nil)
    }

    @Test func `a limit is a number or the largest block so far`() {
        let list = BlockList(Self.page)
        #expect(TokenLimit("max")?.tokens(in: list) == 100_000)
        #expect(TokenLimit("5000")?.tokens(in: list) == 5000)
        #expect(TokenLimit("max")?.tokens(in: list.active) == 100_000, "what is hidden still counts")
        for wrong in ["many", "-1", "0"] { #expect(TokenLimit(wrong) == nil) }
    }

    @Test(
        arguments: [
            ("blocks.json", nil, true), ("blocks-limit.json", TokenLimit.largest, true),
            ("blocks-no-cost.json", TokenLimit.tokens(250_000), false),
        ] as [(String, TokenLimit?, Bool)])
    func `the JSON has the shape scripts read`(golden: String, limit: TokenLimit?, showsCost: Bool) throws {
        try Golden.expect(BlockList(Self.page).json(limit: limit, showsCost: showsCost).prettyText, is: golden)
    }

    @Test(arguments: [
        ("blocks.txt", BlockList.Layout()), ("blocks-limit.txt", BlockList.Layout(limit: .largest)),
        ("blocks-compact.txt", BlockList.Layout(isCompact: true, showsCost: false)),
        ("blocks-coloured.txt", BlockList.Layout(isColoured: true, limit: .tokens(110_000))),
    ])
    func `tables look as they should`(golden: String, layout: BlockList.Layout) throws {
        try Golden.expect(try #require(BlockList(Self.page).text(layout, localTime: Self.local)), is: golden)
    }

    @Test func `the block that still counts is told in detail`() throws {
        let text = Self.page.blocks[1].detail(
            at: Self.page.now, limit: 250_000, isColoured: false, localTime: Self.local)
        try Golden.expect(text, is: "block-detail.txt")
    }

    @Test func `an answer of the service becomes blocks`() throws {
        let page = try BlockPage(
            json: Array(
                """
                {"v":1,"epoch":"e","seq":9,"now":"2026-05-19T02:00:00Z","block_seconds":18000,"cost":"auto","blocks":[
                {"start":"2026-05-18T23:00:00Z","end":"2026-05-19T04:00:00Z","first_activity":"2026-05-18T23:30:00Z",
                "last_activity":"2026-05-19T01:30:00Z","active":true,"models":["m"],"calls":2,"charges":3,
                "tokens":{"uncached_input":1,"output":6,"reasoning":1},"cost_usd":"0.5",
                "without_cost":{"charges":1,"tokens":7}}]}
                """.utf8))
        let block = try #require(page.blocks.first)
        #expect(page.now == Self.time("2026-05-19T02:00:00Z"))
        #expect(block.isActive && !block.isGap && block.models == ["m"])
        #expect((block.figures.calls, block.figures.charges, block.figures.chargesWithoutCost) == (2, 3, 1))
        #expect(block.figures.cost.description == "0.5")
    }
}
