import ArgumentParser
import Harnesses
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

    @Flag(help: "Listen beyond this machine without authentication (TOLLBOOK_INSECURE_ALLOW).")
    var insecureAllow = Environment.value("TOLLBOOK_INSECURE_ALLOW", default: false)

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
        let links = Outlet.Settings(
            batches: try Link(.connect, observations), watermarks: try Link(.connect, observationWatermarks))
        var stage = IngestStage.Settings(folder: folder, outlet: links)
        stage.limits.maximumBytes = spoolBytes
        stage.limits.reservedBytes = spoolReserveBytes
        var settings = Ingest.Settings(
            address: try ListenAddress(host: host, port: port, isInsecureAllowed: insecureAllow),
            identityPolicy: try identityPolicy(folder: folder), stage: stage)
        settings.bodyLimit = bodyBytes
        settings.memoryLimit = memoryBytes
        return settings
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
