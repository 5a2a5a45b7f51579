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
                    to: HTTPAddress(port: services.deployment.command(for: service).readinessPort),
                    timeout: .seconds(120))
                let page = try connection.send(.get("/metrics")).text
                // Names without a sample so far count as well, such as those of what was never retracted.
                #expect(page.contains("tollbook_build_info{version="), "\(service)")
                names.formUnion(page.matches(of: /(?m)^(?:# TYPE )?([a-z_]+)[ {]/).map { String($0.output.1) })
                try Self.lint(page, service)
            }
            let recorded: Set<String> = [
                "tollbook_events_total", "tollbook_pipeline_lag_seconds", "tollbook_queue_depth",
            ]
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

        static let prometheus = promtool.map { $0.replacing(/promtool$/, with: "prometheus") }.flatMap {
            FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
        }

        /// A panel that names a label or a metric as it is not shows nothing, and nobody is told.
        @Test(.enabled(if: prometheus != nil, "prometheus is not there; deploy/test brings it"))
        func `a real Prometheus answers every expression of the dashboard, with the ledger's own figures`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let folder = try TestFolder()
            defer { folder.remove() }
            let server = try PrometheusServer(
                program: try #require(Self.prometheus), rules: Self.deploy.appending(path: "prometheus-rules.yml").path,
                targets: Service.allCases.map {
                    "127.0.0.1:\(services.deployment.command(for: $0).readinessPort)"
                }, folder: folder.path)
            defer { server.stop() }
            // Nothing is there at first: what is counted from its first value on must not be missed.
            try server.waitUntil("sum(up) == 4")
            let set = "budget set all --limit-usd 1 --period all --server \(services.query.description)"
            #expect(try Command.tollbook(set.split(separator: " ").map { String($0) }).status == 0)
            var generator = TelemetryGenerator(seed: 11)
            for _ in 0..<2 {
                try services.deliver(generator.logs(calls: 40), to: "logs")
                let nameless = String(decoding: generator.logs(calls: 5), as: UTF8.self)
                    .replacing(/claude-(opus|sonnet|haiku)-[0-9a-z-]*/, with: "nobodys-model")
                try services.deliver(Array(nameless.utf8), to: "logs")
            }
            _ = try services.settledLedger { $0.calls.count == 90 }
            let totals = try Self.totals(of: services)
            try server.waitUntil("sum(tollbook_calls_total) == \(totals["Calls"] ?? 0)")
            try server.waitUntil("abs(tollbook_budget_used_ratio - \(totals["Budgets"] ?? 0)) < 0.00001")
            try server.waitUntil("count(tollbook_queue_depth) == 2")
            for panel in try Self.panels() {
                for expression in panel.expressions {
                    try Self.check(expression, of: panel.title, is: totals[panel.title], at: server)
                }
            }
        }

        /// Waits until an expression has values, which together are what they must be.
        ///
        /// A scrape that a busy machine does not answer in time takes all values away until the next one.
        private static func check(
            _ expression: String, of title: String, is total: Double?, at server: PrometheusServer
        ) throws {
            var values: [Double] = []
            for _ in 0..<1200 {
                values = try server.values(of: expression)
                guard let total else {
                    if !values.isEmpty { return }
                    pause(.milliseconds(100))
                    continue
                }
                if !values.isEmpty, abs(values.reduce(0, +) - total) <= max(total * 1e-9, 0.00001) { return }
                pause(.milliseconds(100))
            }
            Issue.record("\(title): \(values) for \(total.map { "\($0)" } ?? "anything"): \(expression)")
        }

        /// What the dashboard's figures must be, from the ledger.
        private static func totals(of services: RunningServices) throws -> [String: Double] {
            struct Page: Decodable {
                struct Totals: Decodable {
                    struct Share: Decodable { let tokens: Double }
                    let calls: Double
                    let total_tokens: Double
                    let cost_usd: String
                    let computed_cost_usd: String
                    let reported_cost_usd: String
                    let unpriced: Share
                }
                let totals: Totals
            }
            var connection = HTTPConnection(to: services.query, timeout: .seconds(120))
            let body = try connection.send(.get("/v1/usage")).body
            let totals = try JSONDecoder().decode(Page.self, from: Data(body)).totals
            let computed = try #require(Double(totals.computed_cost_usd))
            let reported = try #require(Double(totals.reported_cost_usd))
            let used = try #require(Double(totals.cost_usd))
            #expect(computed > 0 && totals.unpriced.tokens > 0)
            return [
                "Cost": computed, "Cost by project": computed, "Cost by agent": computed, "Calls": totals.calls,
                "Tokens": totals.total_tokens, "Tokens without a price": totals.unpriced.tokens,
                "Computed against reported cost": computed + reported, "Budgets": used,
            ]
        }

        /// The dashboard's panels, with its variables filled in as Grafana does.
        private static func panels() throws -> [(title: String, expressions: [String])] {
            struct Dashboard: Decodable {
                struct Panel: Decodable {
                    struct Target: Decodable { let expr: String }
                    let title: String
                    let targets: [Target]?
                }
                let panels: [Panel]
            }
            let variables = [
                "$harness": ".*", "$model": ".*", "$project": ".*", "$basis": "computed", "$__rate_interval": "1m",
                "$__range": "1h",
            ]
            let file = try Data(contentsOf: deploy.appending(path: "grafana/tollbook.json"))
            return try JSONDecoder().decode(Dashboard.self, from: file).panels.map { panel in
                let expressions = (panel.targets ?? []).map { target in
                    variables.reduce(target.expr) { $0.replacing($1.key, with: $1.value) }
                }
                return (panel.title, expressions)
            }
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
