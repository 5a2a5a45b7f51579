import ArgumentParser
import Console
import FileReading
import FoundationEssentials
import Glibc
import Harnesses
import Ledger
import LocalHTTP
import Metering
import Settings
import WallClock
import Wire

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See whether agents report to Tollbook, and whether what they report is counted.",
        discussion: """
            Looks for agents, their files and their telemetry settings as this shell has them, says which lines to add, \
            and sends a canary through the pipeline: a call that is stored and priced like every other and counts in no \
            total. Exit status: 0 all is well; 1 the pipeline does not work; 2 it does, and no installed agent reports \
            to it.
            """)

    @Option(help: "Where ingest takes telemetry.")
    var ingest = Environment.value("TOLLBOOK_INGEST", default: HTTPAddress(port: 4318))

    @OptionGroup var server: ServerOption

    @Option(help: "The folder for all data.")
    var data = DataDirectory.root

    @Option(help: "How many seconds the canary may take.")
    var seconds = 30

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    func run() throws {
        try Environment.validate()
        let inspection = AgentInspection(ingest: ingest)
        var agents = HarnessCatalog.standard.agents.map { inspection.look(at: $0) }
        let pipeline = PipelineCheck(ingest: ingest, query: server.server).run(atMost: .seconds(seconds))
        let received = pipeline.received
        for index in agents.indices { agents[index].received = received[agents[index].harness] ?? [:] }
        let spool = CaptureSpool(data: data, for: ingest)
        let report = DoctorReport(
            agents: agents, pipeline: pipeline, waitingCaptures: spool.waiting.count,
            refusedCaptures: spool.refused.count)
        Terminal.write(json ? report.json.prettyText : report.text(isColoured: Terminal.usesColour))
        guard report.status == 0 else { throw ExitCode(report.status) }
    }
}

/// Looks for agents on this machine, as this process's environment has them.
struct AgentInspection {
    let ingest: HTTPAddress

    /// Looks for one agent.
    func look(at agent: Agent) -> DoctorReport.AgentState {
        var state = DoctorReport.AgentState(harness: agent.harness)
        state.program = agent.command?.names.lazy.compactMap(Self.program).first
        if let files = agent.sessionFiles {
            for path in files.folders(home: Self.home, variable: Environment.text) {
                guard FileManager.default.fileExists(atPath: path),
                    let folder = SessionFolder(harness: agent.harness, path: path)
                else { continue }
                state.folders.append(path)
                var walk = FolderWalk(path)
                walk.walk { file, entry in
                    guard case .file(let status) = entry, folder.form(of: file) != nil else { return }
                    state.files += 1
                    state.lastWritten = max(state.lastWritten ?? 0, status.modified)
                }
            }
        }
        guard let telemetry = agent.telemetry else { return state }
        let settings = Self.settings(of: telemetry)
        let common = telemetry.common.filter { !isMet($0, settings) }
        state.channels = telemetry.channels.map { channel, requirements in
            let missing = common + requirements.filter { !isMet($0, settings) }
            return DoctorReport.ChannelState(
                channel: channel, missing: missing.map { Self.words($0, settings, ingest) })
        }
        state.lines = telemetry.lines(endpoint: ingest.description)
        state.place = telemetry.place
        return state
    }

    private static var home: String { Environment.text("HOME") ?? "/" }

    private func isMet(_ requirement: AgentTelemetry.Requirement, _ settings: [String: String]) -> Bool {
        requirement.isMet(by: { settings[$0] }, isEndpoint: isIngest)
    }

    private func isIngest(_ text: String) -> Bool {
        guard let address = HTTPAddress(text), address.port == ingest.port else { return false }
        return address.host == ingest.host
            || (ListenAddress.isLoopback(address.host) && ListenAddress.isLoopback(ingest.host))
    }

    private static func settings(of telemetry: AgentTelemetry) -> [String: String] {
        var settings = ProcessInfo.processInfo.environment
        for file in telemetry.files {
            let folder = file.variable.flatMap(Environment.text) ?? home + "/" + file.folder
            guard let text = FileManager.default.contents(atPath: folder + "/" + file.name) else { continue }
            let found =
                switch file.format {
                case .json: SettingsText.json(Array(text))
                case .toml: SettingsText.toml(String(decoding: text, as: UTF8.self))
                }
            for (name, value) in found {
                guard let environment = file.environment else {
                    settings[name] = value
                    continue
                }
                if name.hasPrefix(environment + ".") { settings[String(name.dropFirst(environment.count + 1))] = value }
            }
        }
        return settings
    }

    /// What is to be changed; a value is shown only where it cannot be a secret.
    private static func words(
        _ requirement: AgentTelemetry.Requirement, _ settings: [String: String], _ ingest: HTTPAddress
    ) -> String {
        let name = requirement.names[0]
        let wanted =
            switch requirement.wanted {
            case .oneOf(let values): values[0]
            case .list(let value): value
            case .endpoint(let path): ingest.description + path
            }
        let isSet = requirement.names.contains { settings[$0] != nil }
        return "\(name) is \(isSet ? "something else" : "not set"); it should be \(wanted)"
    }

    /// The path of a program, found as a shell finds it.
    private static func program(_ name: String) -> String? {
        (Environment.text("PATH") ?? "").split(separator: ":").lazy.map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 && !FileManager.default.isFolder($0) }
    }
}

extension FileManager {
    fileprivate func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}

/// Sees whether the services answer and a canary comes out priced.
struct PipelineCheck {
    let ingest: HTTPAddress
    let query: HTTPAddress

    /// Sends a canary and waits for it.
    func run(atMost limit: Duration) -> DoctorReport.PipelineState {
        var state = DoctorReport.PipelineState()
        state.ingest = Self.readiness(of: ingest)
        state.query = Self.readiness(of: query)
        guard state.ingest == nil, state.query == nil else { return state }
        do {
            state.received = try received()
        } catch {
            state.receivedFault = "\(error)"
        }
        let start = ContinuousClock.now
        do {
            state.canary = try pass(Canary(name: UUID().uuidString.lowercased(), time: .now), by: start + limit)
            state.milliseconds = Int64((ContinuousClock.now - start) / .milliseconds(1))
        } catch {
            state.canary = .failed("\(error)")
        }
        return state
    }

    private func pass(_ canary: Canary, by deadline: ContinuousClock.Instant) throws -> DoctorReport.CanaryState {
        var connection = HTTPConnection(to: ingest, timeout: .seconds(5))
        let answer = try connection.send(.post("/v1/logs", "application/json", canary.telemetry))
        guard answer.isSuccess else { return .failed("ingest answered \(answer.status)") }
        var client = QueryClient(address: query)
        while ContinuousClock.now < deadline {
            if let found = try client.find("/v1/calls/" + QueryString.escape(canary.key)) {
                let charge = try CallExplanation(json: found.body).charge
                guard charge.rating.status == .priced else {
                    return .failed("it came out \(charge.rating.status.rawValue)")
                }
                return .priced
            }
            usleep(50_000)
        }
        return .failed("it did not come out in time; the logs of dedupe and pricing say more")
    }

    /// When each channel of each harness was last heard of, among the last changes of the ledger.
    private func received() throws -> [Harness: [Channel: Timestamp]] {
        var client = QueryClient(address: query)
        let page = try client.newestChanges(5_000, limit: 6_000)
        var received: [Harness: [Channel: Timestamp]] = [:]
        for text in page.changes {
            var json = JSONReader(text)
            guard let change = try? Change(from: &json) else { continue }
            let call = change.charge.call
            for item in call.evidence.items {
                let known = received[call.scope.harness]?[item.channel] ?? call.eventTime
                received[call.scope.harness, default: [:]][item.channel] = max(known, call.eventTime)
            }
        }
        return received
    }

    private static func readiness(of address: HTTPAddress) -> String? {
        var connection = HTTPConnection(to: address, timeout: .seconds(3))
        do {
            let answer = try connection.send(.get("/readyz"))
            return answer.isSuccess ? nil : "not ready (\(answer.status))"
        } catch {
            return "\(error)"
        }
    }
}
