import ArgumentParser
import Pipeline
import Settings

/// What an operator may set; a flag wins over its `TOLLBOOK_*` variable.
struct DedupeConfiguration: ParsableArguments {
    @Option(help: "The folder with one folder for each service (TOLLBOOK_DATA).")
    var data = DataDirectory.root

    @Option(help: "Where observations arrive (TOLLBOOK_OBSERVATIONS).")
    var observations = Environment.text("TOLLBOOK_OBSERVATIONS") ?? "tcp://127.0.0.1:7101"

    @Option(help: "Where ingest learns what is stored (TOLLBOOK_OBSERVATION_WATERMARKS).")
    var observationWatermarks = Environment.text("TOLLBOOK_OBSERVATION_WATERMARKS") ?? "tcp://127.0.0.1:7102"

    @Option(help: "Where calls are handed out (TOLLBOOK_CALLS).")
    var calls = Environment.text("TOLLBOOK_CALLS") ?? "tcp://127.0.0.1:7111"

    @Option(help: "Where query says what it has stored (TOLLBOOK_CHARGE_WATERMARKS).")
    var chargeWatermarks = Environment.text("TOLLBOOK_CHARGE_WATERMARKS") ?? "tcp://127.0.0.1:7122"

    @Option(help: "Seconds that an aggregate waits for the calls it sums (TOLLBOOK_GRACE_SECONDS).")
    var graceSeconds = Environment.value("TOLLBOOK_GRACE_SECONDS", default: 15)

    @Option(help: "The host on which /livez, /readyz and /metrics are served (TOLLBOOK_DEDUPE_ADMIN_HOST).")
    var adminHost = Environment.text("TOLLBOOK_DEDUPE_ADMIN_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 turns it off (TOLLBOOK_DEDUPE_ADMIN_PORT).")
    var adminPort = Environment.value("TOLLBOOK_DEDUPE_ADMIN_PORT", default: 7140)

    @Flag(help: "Listen beyond this machine without authentication (TOLLBOOK_INSECURE_ALLOW).")
    var insecureAllow = Environment.value("TOLLBOOK_INSECURE_ALLOW", default: false)

    func validate() throws {
        try Environment.validate()
        guard graceSeconds >= 0 else {
            throw SettingsError("--grace-seconds \(graceSeconds) is negative; give 0 or more")
        }
    }

    /// The folder of dedupe's own files, made if it is not there.
    func folder() throws -> String {
        try DataDirectory.make(data + "/dedupe")
    }

    /// Sockets and limits; a bound socket that others could reach is refused unless allowed.
    func stage() throws -> DedupeStage.Settings {
        var settings = DedupeStage.Settings(
            inlet: Inlet.Settings(batches: try bound(observations), watermarks: try bound(observationWatermarks)),
            outlet: Outlet.Settings(batches: try bound(calls), watermarks: try Link(.connect, chargeWatermarks)))
        settings.grace = .seconds(graceSeconds)
        return settings
    }

    /// Where operators ask; `nil` when nobody may.
    func adminAddress() throws -> ListenAddress? {
        guard adminPort != 0 else { return nil }
        return try ListenAddress(host: adminHost, port: adminPort, isInsecureAllowed: insecureAllow)
    }

    private func bound(_ endpoint: String) throws -> Link {
        let link = try Link(.bind, endpoint)
        guard link.isLoopback || insecureAllow else {
            throw SettingsError(
                "refusing to bind \(endpoint) without authentication; use tcp://127.0.0.1, or, on a network that only "
                    + "trusted machines reach, allow it with --insecure-allow (TOLLBOOK_INSECURE_ALLOW=true)")
        }
        return link
    }
}
