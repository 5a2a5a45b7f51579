import Foundation
import LocalHTTP
public import Supervision

extension RunningServices {
    /// Sends telemetry until ingest has it; what cannot be delivered now is tried again, as exporters do.
    ///
    /// - Returns: how often it had to be tried.
    @discardableResult
    public func deliver(
        _ body: [UInt8], to signal: String, type: String = "application/json", timeout: Duration = .seconds(120)
    )
        throws -> Int
    {
        let deadline = ContinuousClock.now + timeout
        var attempts = 0
        while true {
            attempts += 1
            var connection = HTTPConnection(to: ingest, timeout: .seconds(60))
            let response = try? connection.send(.post("/v1/" + signal, type, body))
            if response?.isSuccess == true { return attempts }
            if let status = response?.status, status != 503, status != 429 {
                throw SupportFailure("ingest answered \(status) to /v1/\(signal): \(response?.text.prefix(300) ?? "")")
            }
            guard ContinuousClock.now < deadline else {
                throw SupportFailure("ingest took nothing for \(timeout):\n\(log(of: .ingest))")
            }
            pause(.milliseconds(50))
        }
    }

    /// Reads the ledger until its books satisfy a test, and once more after everything sent before has surely come
    /// through, so that a late doubling is seen.
    ///
    /// - Returns: the ledger as it was at last, whether or not it satisfies.
    public func settledLedger(
        timeout: Duration = .seconds(120), until isRight: (LedgerView) -> Bool
    ) throws -> LedgerView {
        let view = try ledger(timeout: timeout, until: isRight)
        let fence = TelemetryGenerator.fence()
        try deliver(fence.body, to: "logs")
        return try ledger(from: view, timeout: timeout) { $0.hasSession(fence.session) }
    }

    /// The sum of a metric's values, over all its labels, as the service shows it to operators.
    public func metric(_ name: String, of service: Service) throws -> Double {
        var connection = HTTPConnection(
            to: HTTPAddress(port: deployment.command(for: service).readinessPort), timeout: .seconds(120))
        let response = try connection.send(.get("/metrics"))
        let values = response.text.split(separator: "\n").compactMap { line -> Double? in
            guard line.hasPrefix(name + " ") || line.hasPrefix(name + "{") else { return nil }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
        guard !values.isEmpty else { throw SupportFailure("\(service.rawValue) shows no metric \(name)") }
        return values.reduce(0, +)
    }

    /// Reads the ledger until it satisfies a test or the time is over.
    public func ledger(
        from start: LedgerView = LedgerView(), timeout: Duration = .seconds(120), until isRight: (LedgerView) -> Bool
    ) throws -> LedgerView {
        var view = start
        let deadline = ContinuousClock.now + timeout
        while true {
            try? view.catchUp(from: query)
            if isRight(view) || ContinuousClock.now >= deadline { return view }
            pause(.milliseconds(50))
        }
    }
}

/// Lets time pass for what runs in other processes.
public func pause(_ time: Duration) {
    usleep(UInt32(time / .microseconds(1)))
}
