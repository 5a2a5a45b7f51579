import ArgumentParser
import Operations
import Pipeline
import Reconciliation
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

    @Option(
        help: """
            What is done with what a session's counters say beyond its calls: authority shows it, fill books it as an \
            estimated call (TOLLBOOK_RESIDUAL_POLICY).
            """)
    var residualPolicy = Environment.text("TOLLBOOK_RESIDUAL_POLICY") ?? ResidualPolicy.authority.rawValue

    @Option(
        help: "Days after which a session that nothing happened in is compacted; 0 for never (TOLLBOOK_COMPACT_DAYS).")
    var compactDays = Environment.value("TOLLBOOK_COMPACT_DAYS", default: 45)

    @Option(help: "The host on which /livez, /readyz and /metrics are served (TOLLBOOK_DEDUPE_ADMIN_HOST).")
    var adminHost = Environment.text("TOLLBOOK_DEDUPE_ADMIN_HOST") ?? "127.0.0.1"

    @Option(help: "The port of the same; 0 turns it off (TOLLBOOK_DEDUPE_ADMIN_PORT).")
    var adminPort = Environment.value("TOLLBOOK_DEDUPE_ADMIN_PORT", default: 7140)

    @OptionGroup var protection: ProtectionOptions

    func validate() throws {
        try Environment.validate()
        guard graceSeconds >= 0 else {
            throw SettingsError("--grace-seconds \(graceSeconds) is negative; give 0 or more")
        }
        guard ResidualPolicy(rawValue: residualPolicy) != nil else {
            let names = ResidualPolicy.allCases.map(\.rawValue).joined(separator: " or ")
            throw SettingsError("--residual-policy \(residualPolicy) is unknown; give \(names)")
        }
        guard compactDays >= 0 else {
            throw SettingsError("--compact-days \(compactDays) is negative; give 0 for never, or more")
        }
    }

    /// The folder of dedupe's own files, made if it is not there.
    func folder() throws -> String {
        try DataDirectory.make(data + "/dedupe")
    }

    /// Sockets and limits; a bound socket that others could reach is refused unless allowed.
    func stage() throws -> DedupeStage.Settings {
        let bus = try links()
        var settings = DedupeStage.Settings(
            inlet: Inlet.Settings(
                batches: try bus.bind(observations), watermarks: try bus.bind(observationWatermarks)),
            outlet: Outlet.Settings(
                batches: try bus.bind(calls), watermarks: try bus.connect(chargeWatermarks, to: "query")))
        settings.grace = .seconds(graceSeconds)
        settings.policy = ResidualPolicy(rawValue: residualPolicy) ?? settings.policy
        settings.idleDays = compactDays == 0 ? nil : Int64(compactDays)
        settings.reportDelay = .seconds(max(1, graceSeconds))
        return settings
    }

    /// Where operators ask; `nil` when nobody may.
    func adminAddress() throws -> ListenAddress? {
        adminPort == 0 ? nil : try protection.address(host: adminHost, port: adminPort)
    }

    private func links() throws -> BusLinks {
        try BusLinks(folder: protection.curve, name: "dedupe", isInsecureAllowed: protection.isInsecureAllowed)
    }
}
