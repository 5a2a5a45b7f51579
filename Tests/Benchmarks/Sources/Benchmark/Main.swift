import Foundation

/// Prints, of one run on one machine: what ZeroMQ alone can do, what the four services do with everything durable, the
/// ratio of the two, and how long a request takes until reports show it; or, with `ledger`, how long reading takes.
@main
enum Benchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            print(
                "usage: Benchmark FOLDER-WITH-EXECUTABLES [OBSERVATIONS | ledger [CHARGES]"
                    + " | import [MEGABYTES] | scopes [SCOPES]]")
            exit(64)
        }
        if arguments.count > 2, arguments[2] == "ledger" {
            let charges = arguments.count > 3 ? Int64(arguments[3]) ?? 10_000_000 : 10_000_000
            return try readLedger(arguments[1], charges)
        }
        if arguments.count > 2, arguments[2] == "import" {
            // A small tree first: were memory to grow with the tree, the second figure would show it.
            let megabytes = arguments.count > 3 ? Int(arguments[3]) ?? 500 : 500
            let rate = ImportRate(executables: arguments[1])
            for size in [megabytes / 10, megabytes] { try rate.measure(megabytes: size) }
            return
        }
        if arguments.count > 2, arguments[2] == "scopes" {
            return try measureScopes(arguments[1], arguments.count > 3 ? Int(arguments[3]) ?? 1_000_000 : 1_000_000)
        }
        let observations = arguments.count > 2 ? Int(arguments[2]) ?? 400_000 : 400_000
        let raw = try RawPipeline.measure()
        print("raw ZeroMQ PUSH/PULL, tcp, \(RawPipeline.messageBytes)-byte messages: \(perSecond(raw)) messages/s")
        let endToEnd = try EndToEnd(executables: arguments[1])
        defer { endToEnd.stop() }
        let rate = try endToEnd.throughput(observations: observations)
        print("end to end, HTTP in to ledger commit, all durable:    \(perSecond(rate)) observations/s")
        print("ratio: one observation for \(Int((raw / rate).rounded())) raw messages")
        for line in endToEnd.processorTimes(per: observations) { print(line) }
        let latencies = try endToEnd.latencies(requests: 500)
        print("HTTP request to visible in /v1/usage: p50 \(latencies.p50), p99 \(latencies.p99)")
    }

    private static func readLedger(_ executables: String, _ charges: Int64) throws {
        let reading = try LedgerReading(executables: executables, charges: charges)
        defer { reading.stop() }
        try reading.fill()
        try reading.measure()
    }

    /// Prints what a great many scopes take in memory and on disk.
    private static func measureScopes(_ executables: String, _ scopes: Int) throws {
        let many = try ManyScopes(executables: executables)
        defer { many.stop() }
        print("\(scopes) scopes of one call each:")
        for line in try many.fill(scopes) { print(line) }
    }

    private static func perSecond(_ rate: Double) -> String {
        let digits = String(Int(rate))
        return String(repeating: " ", count: max(0, 9 - digits.count)) + digits
    }
}
