import Metering
import Reporting
import Testing

@Suite struct `Blocks of activity` {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private static func quarter(_ text: String, model: String? = "m", tokens: Int64 = 1) throws -> ActivityQuarter {
        let instant = try time(text)
        var usage = Usage()
        usage.charges = tokens == 0 ? 0 : 1
        usage.tokens.output = tokens
        var values: [Dimension: String] = [.harness: "claude-code"]
        values[.model] = model
        return ActivityQuarter(
            quarter: instant.seconds.flooredQuotient(900), first: instant, last: instant,
            dimensions: Samples.dimensions(values), usage: usage)
    }

    private static func blocks(_ times: [String], length: Int64 = 20) throws -> [ActivityBlock] {
        var activity = ActivityBlocks(length: length)
        activity.prepend(try times.map { try quarter($0) })
        return activity.blocks()
    }

    private static func starts(_ blocks: [ActivityBlock]) -> [String] { blocks.map(\.start.description) }

    @Test(arguments: [
        // The hour of the first call begins a block; what comes before its end is in it.
        (["2026-05-18T10:59:59Z", "2026-05-18T14:59:59Z"], ["2026-05-18T10:00:00Z"]),
        // What comes at its end begins another, at that call's hour.
        (["2026-05-18T10:59:59Z", "2026-05-18T15:00:00Z"], ["2026-05-18T10:00:00Z", "2026-05-18T15:00:00Z"]),
        (["2026-05-18T10:00:00Z", "2026-05-18T16:30:00Z"], ["2026-05-18T10:00:00Z", "2026-05-18T16:00:00Z"]),
        // Over midnight, over a leap day, and over the hour that Berlin's clocks skip: blocks know only UTC.
        (
            ["2028-02-28T22:10:00Z", "2028-02-29T02:59:00Z", "2028-02-29T03:00:00Z"],
            ["2028-02-28T22:00:00Z", "2028-02-29T03:00:00Z"]
        ),
        (["2026-03-29T00:30:00Z", "2026-03-29T05:29:00Z"], ["2026-03-29T00:00:00Z", "2026-03-29T05:00:00Z"]),
        (["1969-12-31T23:50:00Z", "1970-01-01T03:59:00Z"], ["1969-12-31T23:00:00Z"]),
    ])
    func `begin with the hour of their first call and last five hours`(times: [String], starts: [String]) throws {
        #expect(Self.starts(try Self.blocks(times)) == starts)
        #expect(Self.starts(try Self.blocks(times.reversed())) == starts, "in any order")
    }

    @Test func `last as long as asked for`() throws {
        let times = ["2026-05-18T10:59:00Z", "2026-05-18T12:29:00Z", "2026-05-18T12:30:00Z"]
        #expect(Self.starts(try Self.blocks(times, length: 10)) == ["2026-05-18T10:00:00Z", "2026-05-18T12:00:00Z"])
    }

    @Test func `count until their end, and not after a silence as long as they are`() throws {
        let block = try #require(try Self.blocks(["2026-05-18T10:30:00Z"]).first)
        #expect(block.isActive(at: try Self.time("2026-05-18T14:59:59Z")))
        #expect(!block.isActive(at: try Self.time("2026-05-18T15:00:00Z")))
        var short = block
        short.end = Timestamp(seconds: block.start.seconds + 36 * 3600)
        #expect(short.isActive(at: try Self.time("2026-05-19T20:00:00Z")))
    }

    @Test func `add up what is in them and name its models once, in order`() throws {
        var activity = ActivityBlocks(length: 20)
        activity.prepend([
            try Self.quarter("2026-05-18T10:20:00Z", model: "b", tokens: 2),
            try Self.quarter("2026-05-18T10:10:00Z", model: "a", tokens: 3),
            try Self.quarter("2026-05-18T12:10:00Z", model: "b", tokens: 4),
            try Self.quarter("2026-05-18T12:40:00Z", model: nil, tokens: 5),
            try Self.quarter("2026-05-18T13:40:00Z", model: "gone", tokens: 0),
        ])
        let block = try #require(activity.blocks().first)
        #expect(block.models == ["a", "b"])
        #expect(block.usage.tokens.output == 14)
        #expect(block.last.description == "2026-05-18T12:40:00Z", "what was taken back is no activity")
    }

    @Test func `begin for certain only after a silence as long as they are`() throws {
        var activity = ActivityBlocks(length: 20)
        let quarter = { (text: String) in try Self.time(text).seconds / 900 }
        activity.prepend([try Self.quarter("2026-05-18T10:00:00Z"), try Self.quarter("2026-05-18T14:45:00Z")])
        let wanted = try quarter("2026-05-18T14:45:00Z")
        #expect(activity.certainStart(readFrom: try quarter("2026-05-18T09:00:00Z"), wanted: wanted) == nil)
        #expect(
            activity.certainStart(readFrom: try quarter("2026-05-18T05:00:00Z"), wanted: wanted)
                == (try quarter("2026-05-18T10:00:00Z")))
        activity.prepend([try Self.quarter("2026-05-18T04:45:00Z")])
        #expect(
            activity.certainStart(readFrom: try quarter("2026-05-18T04:30:00Z"), wanted: wanted)
                == (try quarter("2026-05-18T10:00:00Z")))
    }

    @Test(
        arguments: [
            ("hours=5", 20), ("hours=2.5", 10), ("hours=1", 4), ("hours=168", 672), ("", 20),
        ] as [(String, Int64)])
    func `are asked for in quarter hours`(query: String, length: Int64) throws {
        #expect(try BlockRequest(Samples.parameters(query), zone: Samples.zone).length == length)
    }

    @Test(arguments: ["hours=0", "hours=0.5", "hours=5.1", "hours=169", "hours=long", "active=maybe", "colour=red"])
    func `are not given for what cannot be`(query: String) {
        #expect(throws: RequestError.self) { try BlockRequest(Samples.parameters(query), zone: Samples.zone) }
    }
}
