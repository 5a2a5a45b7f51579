import Foundation

/// Prints, of one run on one machine: what ZeroMQ alone can do, what the four services do with everything durable, the
/// ratio of the two, and how long a request takes until reports show it.
@main
enum Benchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            print("usage: Benchmark FOLDER-WITH-EXECUTABLES [OBSERVATIONS]")
            exit(64)
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

    private static func perSecond(_ rate: Double) -> String {
        let digits = String(Int(rate))
        return String(repeating: " ", count: max(0, 9 - digits.count)) + digits
    }
}
