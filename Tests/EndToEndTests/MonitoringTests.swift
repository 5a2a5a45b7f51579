import Foundation
import LocalHTTP
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// What is shipped for Prometheus and Grafana, held against what the real services show.
    @Suite struct MonitoringTests {
        static let promtool = ProcessInfo.processInfo.environment["TOLLBOOK_TEST_PROMTOOL"].flatMap {
            $0.isEmpty ? nil : $0
        }

        private static let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "deploy")

        @Test(.enabled(if: promtool != nil, "promtool is not there; deploy/test brings it"))
        func `promtool accepts configuration, rules and their tests`() throws {
            let promtool = try #require(Self.promtool)
            for arguments in [
                ["check", "config", "prometheus.yml"], ["check", "rules", "--lint-fatal", "prometheus-rules.yml"],
                ["test", "rules", "prometheus-rules-test.yml"],
            ] {
                let paths = arguments.map { $0.hasSuffix(".yml") ? Self.deploy.appending(path: $0).path : $0 }
                let run = try Command(promtool, paths)
                #expect(run.status == 0, "\(run.output)\(run.errors)")
            }
        }

        @Test func `metrics of all services are well formed, and every name that is shipped is one of them`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            var generator = TelemetryGenerator(seed: 7)
            try services.deliver(generator.logs(calls: 50), to: "logs")
            _ = try services.settledLedger { !$0.calls.isEmpty }
            var names: Set<String> = []
            for service in Service.allCases {
                var connection = HTTPConnection(
                    to: HTTPAddress(port: services.deployment.command(for: service).readinessPort))
                let page = try connection.send(.get("/metrics")).text
                // Names without a sample so far count as well, such as those of what was never retracted.
                names.formUnion(page.matches(of: /(?m)^(?:# TYPE )?([a-z_]+)[ {]/).map { String($0.output.1) })
                try Self.lint(page, service)
            }
            let recorded: Set<String> = ["tollbook_queue_depth", "tollbook_pipeline_lag_seconds"]
            for file in ["grafana/tollbook.json", "prometheus-rules.yml"] {
                let text = try String(contentsOf: Self.deploy.appending(path: file), encoding: .utf8)
                let used = Set(text.matches(of: /tollbook_[a-z_]+/).map { String($0.output) })
                #expect(used.count > 8)
                #expect(used.subtracting(names).subtracting(recorded).isEmpty, "\(file)")
            }
            let dashboard = try Data(contentsOf: Self.deploy.appending(path: "grafana/tollbook.json"))
            let parsed = try JSONSerialization.jsonObject(with: dashboard) as? [String: Any]
            #expect((parsed?["panels"] as? [Any])?.count ?? 0 > 10)
        }

        /// What promtool says of a page of metrics, where it is there.
        private static func lint(_ page: String, _ service: Service) throws {
            guard let promtool else { return }
            let folder = try TestFolder()
            defer { folder.remove() }
            try Data(page.utf8).write(to: URL(filePath: folder.path + "/metrics"))
            let run = try Command("/bin/sh", ["-c", "exec \(promtool) check metrics < \(folder.path)/metrics"])
            #expect(run.status == 0, "\(service): \(run.output)\(run.errors)")
        }
    }
}
