import Console
import Metering
import Testing

/// What doctor makes of what it found.
struct DoctorReportTests {
    private static func report(
        _ canary: DoctorReport.CanaryState?, program: String? = nil, missing: [String] = [],
        received: [Channel: Timestamp] = [:]
    ) -> DoctorReport {
        var agent = DoctorReport.AgentState(harness: Harness(rawValue: "windmill"))
        agent.program = program
        agent.channels = [.init(channel: .log, missing: missing)]
        agent.lines = ["export MILL=on"]
        agent.place = "where the mill starts"
        agent.received = received
        var pipeline = DoctorReport.PipelineState()
        pipeline.canary = canary
        pipeline.milliseconds = 42
        return DoctorReport(agents: [agent], pipeline: pipeline, waitingCaptures: 2)
    }

    @Test func `the exit status tells a broken pipeline from silent agents`() {
        let time = Timestamp(seconds: 0)
        #expect(Self.report(nil).status == 1)
        #expect(Self.report(.failed("it did not come out")).status == 1)
        #expect(Self.report(.priced).status == 0, "no agent is installed")
        #expect(Self.report(.priced, program: "/bin/mill").status == 0, "its telemetry is on")
        #expect(Self.report(.priced, program: "/bin/mill", missing: ["MILL is not set"]).status == 2)
        #expect(
            Self.report(.priced, program: "/bin/mill", missing: ["MILL is not set"], received: [.transcript: time])
                .status
                == 0, "its files are followed")
    }

    @Test func `what cannot be told is not taken for silence`() {
        var pipeline = DoctorReport.PipelineState()
        pipeline.canary = .priced
        pipeline.receivedFault = "the ledger is shy"
        let report = DoctorReport(agents: [], pipeline: pipeline, waitingCaptures: 0, refusedCaptures: 3)
        #expect(report.status == 1)
        let text = report.text(isColoured: false)
        #expect(text.contains("cannot be told: the ledger is shy") && text.contains("3 captured runs were refused"))
        #expect(report.json.prettyText.contains(#""refused_captures": 3"#))
    }

    @Test func `people see what to set and where`() {
        let text = Self.report(.priced, program: "/bin/mill", missing: ["MILL is not set"]).text(isColoured: false)
        for line in [
            "canary: came out priced after 42 ms", "2 captured runs wait", "program: /bin/mill",
            "-- telemetry, log: MILL is not set", "Set this where the mill starts:", "      export MILL=on",
        ] { #expect(text.contains(line), "\(line)") }
        #expect(Self.report(.priced).text(isColoured: false).contains("Not found: windmill"))
    }

    @Test func `a list of dead letters becomes a table`() throws {
        let list = try DeadLetterList(
            json: Array(
                """
                {"v":1,"groups":[{"stage":"ingest","reason":"malformed_line","harness":"windmill","channel":"transcript",
                "field":null,"count":1200,"first":"2026-11-20T12:00:00Z","last":"2026-11-21T12:00:00Z"}],
                "letters":[{"id":"000102030405060708090a0b0c0d0e0f","stage":"ingest","field":"cost","size":3}]}
                """.utf8))
        #expect(list.letters.map(\.id) == [ContentID(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)])
        #expect(list.letters.first?.stage == "ingest" && list.letters.first?.field == "cost")
        #expect(list.groups.first?.count == 1200)
        #expect(list.text(isColoured: false).contains("malformed_line"))
        let none = try DeadLetterList(json: Array("{\"groups\":[],\"letters\":[]}".utf8))
        #expect(none.text(isColoured: false) == "Everything that came could be used.\n")
        #expect(none.text(isColoured: false, reason: "odd") == "No dead letter has the reason odd.\n")
    }

    @Test func `a canary is a whole request, and named by its key`() {
        let canary = Canary(name: "one", time: Timestamp(seconds: 5))
        #expect(canary.key == "anthropic:resp:canary-one")
        #expect(String(decoding: canary.telemetry, as: UTF8.self).contains("tollbook-canary"))
    }
}
