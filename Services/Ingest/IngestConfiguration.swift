import ArgumentParser
import FileReading
import Harnesses
import Metering
import Operations
import Pipeline
import Settings

/// What an operator may set; a flag wins over its `TOLLBOOK_*` variable.
struct IngestConfiguration: ParsableArguments {
    @Option(help: "The folder with one folder for each service (TOLLBOOK_DATA).")
    var data = DataDirectory.root

    @Option(help: "The host on which telemetry is taken in (TOLLBOOK_INGEST_HOST).")
    var host = Environment.text("TOLLBOOK_INGEST_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 takes any free one (TOLLBOOK_INGEST_PORT).")
    var port = Environment.value("TOLLBOOK_INGEST_PORT", default: 4318)

    @Option(help: "Where dedupe takes observations in (TOLLBOOK_OBSERVATIONS).")
    var observations = Environment.text("TOLLBOOK_OBSERVATIONS") ?? "tcp://127.0.0.1:7101"

    @Option(help: "Where dedupe says what it has stored (TOLLBOOK_OBSERVATION_WATERMARKS).")
    var observationWatermarks = Environment.text("TOLLBOOK_OBSERVATION_WATERMARKS") ?? "tcp://127.0.0.1:7102"

    @Option(help: "What is kept of the identity of users: drop, pseudonym or keep (TOLLBOOK_IDENTITY).")
    var identity = Environment.text("TOLLBOOK_IDENTITY") ?? Identity.pseudonym.rawValue

    @Option(help: "The most bytes of one request, before and after decompression (TOLLBOOK_INGEST_BODY_BYTES).")
    var bodyBytes = Environment.value("TOLLBOOK_INGEST_BODY_BYTES", default: 64 << 20)

    @Option(help: "The most bytes of all requests in memory (TOLLBOOK_INGEST_MEMORY_BYTES).")
    var memoryBytes = Environment.value("TOLLBOOK_INGEST_MEMORY_BYTES", default: 256 << 20)

    @Option(help: "The most bytes kept on disk until dedupe has them (TOLLBOOK_SPOOL_BYTES).")
    var spoolBytes = Environment.value("TOLLBOOK_SPOOL_BYTES", default: Int64(1) << 30)

    @Option(help: "Bytes of the disk that stay free (TOLLBOOK_SPOOL_RESERVE_BYTES).")
    var spoolReserveBytes = Environment.value("TOLLBOOK_SPOOL_RESERVE_BYTES", default: Int64(256) << 20)

    @Flag(help: "Follow the session files of all known agents of this user (TOLLBOOK_WATCH).")
    var watch = Environment.value("TOLLBOOK_WATCH", default: false)

    @Option(
        help:
            "Follow the session files in another folder, given as HARNESS=FOLDER; may be repeated (TOLLBOOK_WATCH_FOLDERS, with commas)."
    )
    var watchFolder = Environment.text("TOLLBOOK_WATCH_FOLDERS")?.split(separator: ",").map(String.init) ?? []

    /// How long the end may wait for dedupe to have everything, where the house's limit does not do: a test must not be
    /// measured against the clock of a busy machine.
    @Option(help: .hidden)
    var drainSeconds: UInt16?

    @OptionGroup var protection: ProtectionOptions

    /// The choices of `--identity`.
    enum Identity: String, CaseIterable {
        case drop
        case pseudonym
        case keep
    }

    func validate() throws {
        try Environment.validate()
        guard bodyBytes > 0, memoryBytes >= bodyBytes else {
            throw SettingsError(
                "--memory-bytes \(memoryBytes) does not hold one request of --body-bytes \(bodyBytes); give at least that"
            )
        }
        guard spoolBytes >= bodyBytes, spoolReserveBytes >= 0 else {
            throw SettingsError(
                "--spool-bytes \(spoolBytes) does not hold one request of --body-bytes \(bodyBytes); give at least that"
            )
        }
    }

    /// The settings of the service; makes its folder, and in it the key of pseudonyms where that is missing.
    func settings() throws -> Ingest.Settings {
        let folder = try DataDirectory.make(data + "/ingest")
        let bus = try BusLinks(
            folder: protection.curve, name: "ingest", isInsecureAllowed: protection.isInsecureAllowed)
        let links = Outlet.Settings(
            batches: try bus.connect(observations, to: "dedupe"),
            watermarks: try bus.connect(observationWatermarks, to: "dedupe"))
        var stage = IngestStage.Settings(folder: folder, outlet: links)
        stage.limits.maximumBytes = spoolBytes
        stage.limits.reservedBytes = spoolReserveBytes
        var settings = Ingest.Settings(
            address: try protection.address(host: host, port: port),
            identityPolicy: try identityPolicy(folder: folder), stage: stage)
        settings.bodyLimit = bodyBytes
        settings.memoryLimit = memoryBytes
        if let drainSeconds { settings.drainLimit = .seconds(drainSeconds) }
        let folders = try followedFolders()
        if !folders.isEmpty { settings.following = Following.Settings(folders: folders, cursors: folder) }
        settings.keys = try protection.keyRing()
        return settings
    }

    /// The folders whose session files are followed.
    private func followedFolders() throws(SettingsError) -> [SessionFolder] {
        var folders: [SessionFolder] = []
        for text in watchFolder {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[1].hasPrefix("/") else {
                let example = SessionFolder.standard(home: "/home/me", variable: { _ in nil }).first
                throw SettingsError(
                    "--watch-folder \(text) is not HARNESS=FOLDER with an absolute path"
                        + (example.map { ", such as \($0.harness)=\($0.path)" } ?? ""))
            }
            guard let harness = Harness(normalising: parts[0]),
                let folder = SessionFolder(harness: harness, path: parts[1])
            else {
                let known = HarnessCatalog.standard.transcriptHarnesses.map(\.rawValue).joined(separator: ", ")
                throw SettingsError("--watch-folder \(text): the harness is none of \(known)")
            }
            folders.append(folder)
        }
        guard watch else { return folders }
        let home = Environment.text("HOME") ?? "/"
        let standard = SessionFolder.standard(home: home, variable: Environment.text)
        return folders + standard.filter { folder in !folders.contains { $0.path == folder.path } }
    }

    private func identityPolicy(folder: String) throws -> IdentityPolicy {
        switch Identity(rawValue: identity) {
        case .drop: return .drop
        case .pseudonym: return .pseudonym(key: try PseudonymKey.load(from: folder))
        case .keep: return .keep
        case nil:
            let choices = Identity.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("--identity \(identity) is none of \(choices)")
        }
    }
}
