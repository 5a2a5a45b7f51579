import Console
import Ledger
import Metering
import Testing

@Suite struct `The live view` {
    private static func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(seconds: 0) }

    private static func call(_ number: Int, model: String = "claude-opus-4-6") -> LiveCall {
        LiveCall(
            time: Timestamp(seconds: time("2026-05-19T02:00:00Z").seconds + Int64(number)), harness: "claude-code",
            session: "0e1f2a3b-\(number)", model: model, input: 1000 + Int64(number), output: 10, cost: "$0.0123")
    }

    private static func view() -> LiveView {
        var view = LiveView()
        var block = UsageBlock(start: time("2026-05-19T00:00:00Z"), end: time("2026-05-19T05:00:00Z"))
        block.firstActivity = time("2026-05-19T00:15:00Z")
        block.lastActivity = time("2026-05-19T02:15:00Z")
        block.isActive = true
        block.figures = Cells.figures(60_000, 60_000, 0, 0, 240_000, calls: 4)
        var totals = UsageFigures()
        for cell in Cells.all { totals += cell.figures }
        view.update(
            cells: Cells.all, totals: totals,
            blocks: BlockPage(blocks: [block], now: time("2026-05-19T02:15:30Z")))
        view.add((1...30).map { call($0) })
        return view
    }

    private static func frame(_ view: LiveView, _ columns: Int, _ lines: Int, isColoured: Bool = false) -> [String] {
        view.frame(
            columns: columns, lines: lines, isColoured: isColoured, clock: "2026-05-19 02:15:30",
            timeOfDay: { String($0.description.dropFirst(11).prefix(8)) })
    }

    @Test(arguments: [
        ("live.txt", 110, 30, false), ("live-narrow.txt", 60, 20, false), ("live-coloured.txt", 110, 16, true),
    ])
    func `draws the day, the block, the table and the last calls`(
        golden: String, columns: Int, lines: Int, isColoured: Bool
    ) throws {
        let frame = Self.frame(Self.view(), columns, lines, isColoured: isColoured)
        try Golden.expect(frame.joined(separator: "\n") + "\n", is: golden)
    }

    @Test func `never draws beyond the screen`() {
        var view = Self.view()
        view.add([Self.call(31, model: "a-model\nwith\u{1B}[31m control characters and a name that is far too long")])
        view.trouble = "nothing answers at http://127.0.0.1:7100; is `tollbook up` running there?"
        for columns in [1, 20, 40, 79, 80, 120, 300] {
            for lines in [1, 5, 10, 24, 100] {
                let frame = Self.frame(view, columns, lines)
                #expect(frame.count <= lines)
                #expect(frame.allSatisfy { $0.count <= columns && !$0.contains("\u{1B}") && !$0.contains("\n") })
            }
        }
    }

    @Test(arguments: [40, 60, 74, 75, 80, 99, 100, 200])
    func `shows what each call cost, however narrow the screen is`(columns: Int) {
        let calls = Self.frame(Self.view(), columns, 24).drop { !$0.hasPrefix("Last calls") }.dropFirst()
        #expect(!calls.isEmpty)
        #expect(calls.allSatisfy { $0.hasSuffix("$0.0123") }, "\(calls)")
    }

    @Test func `keeps the newest calls first, and what is looked at in place`() {
        var view = Self.view()
        #expect(view.calls.first == Self.call(30))
        view.scrollBy(3)
        view.add([Self.call(31), Self.call(32)])
        #expect(view.scroll == 5)
        view.scrollBy(-100)
        #expect(view.scroll == 0)
        view.add((33...400).map { Self.call($0) })
        #expect(view.calls.count == LiveView.maximumCalls)
        #expect(view.scroll == 0)
    }

    @Test func `shows no zero while the service has not answered`() {
        var view = LiveView()
        view.trouble = "nothing answers"
        let frame = Self.frame(view, 80, 24).joined(separator: "\n")
        #expect(frame.contains("Today  not known yet\nBlock  not known yet"))
        #expect(!frame.contains("$0"))
    }

    @Test func `says in one line what pipes are told`() {
        #expect(
            Self.view().summary
                == "today ≥ $2.42  6,208,513 tokens  7 calls  block $0.24 (2h 44m left)")
    }

    @Test(
        arguments: [
            ("q", [KeyPress.quit]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OC\u{1B}OD", [.right, .left]),
            ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("hjkl", [.left, .down, .up, .right]), ("xyz\u{1B}", []),
            ("\u{1B}[1;5A", [.up]), ("\u{1B}[200~q", [.quit]), ("\u{3}", [.quit]),
        ] as [(String, [KeyPress])])
    func `reads keys as terminals send them`(text: String, keys: [KeyPress]) {
        #expect(KeyPress.read(text.utf8) == keys)
    }

    @Test func `changes the table's cut in a ring`() {
        #expect(LiveView.Grouping.model.next(1) == .harness)
        #expect(LiveView.Grouping.model.next(-1) == .session)
        #expect(LiveView.Grouping.session.next(1) == .model)
    }

    @Test func `takes a call from a change`() throws {
        let call = try LiveCall(json: AnswerTests.change(sequence: 7).json)
        #expect((call.input, call.output, call.cost) == (1246, 2, "$0.0092"))
        #expect(try LiveCall(json: AnswerTests.change(sequence: 7, status: .unpriced).json).cost == "unpriced")
        #expect(try LiveCall(json: AnswerTests.change(sequence: 7, isRetracted: true).json).cost == "taken back")
    }
}
