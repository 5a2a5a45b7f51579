extension Deployment {
    /// How to start a service.
    public func command(for service: Service) -> Command {
        Command(
            executable: executables + "/tollbook-" + service.rawValue, arguments: arguments(for: service),
            readinessPort: ports[readinessPort(of: service)])
    }

    private func readinessPort(of service: Service) -> Port {
        switch service {
        case .ingest: .ingest
        case .dedupe: .dedupeAdmin
        case .pricing: .pricingAdmin
        case .query: .query
        }
    }

    private func arguments(for service: Service) -> [String] {
        switch service {
        case .ingest:
            ["--data", data, "--port", number(.ingest)]
                + endpoints([.observations, .observationWatermarks]) + (isFollowing ? ["--watch"] : [])
        case .dedupe:
            ["--data", data, "--admin-port", number(.dedupeAdmin)]
                + endpoints([.observations, .observationWatermarks, .calls, .chargeWatermarks])
        case .pricing:
            ["--data", data, "--admin-port", number(.pricingAdmin)] + endpoints([.calls, .charges])
        case .query:
            ["--data", data, "--port", number(.query)] + endpoints([.charges, .chargeWatermarks, .feed])
        }
    }

    private func number(_ port: Port) -> String { "\(ports[port])" }

    private func endpoints(_ used: [Port]) -> [String] {
        used.flatMap { ["--\($0.rawValue)", "tcp://127.0.0.1:\(ports[$0])"] }
    }
}
