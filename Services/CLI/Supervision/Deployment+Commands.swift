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

    private func endpoint(_ port: Port) -> String { "tcp://127.0.0.1:\(ports[port])" }

    private func arguments(for service: Service) -> [String] {
        switch service {
        case .ingest: ["--data", data, "--port", "\(ports[.ingest])"]
        case .dedupe: ["--data", data]
        case .pricing: []
        case .query: ["--data", data]
        }
    }
}
