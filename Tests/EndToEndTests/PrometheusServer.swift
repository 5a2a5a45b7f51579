import Foundation
import LocalHTTP
import Supervision
import Support

/// A real Prometheus that scrapes every two seconds, on a loopback port.
struct PrometheusServer {
    private let address: HTTPAddress
    private let process: ChildProcess

    /// Starts it; what it stores and says lies in a folder.
    init(program: String, rules: String, targets: [String], folder: String) throws {
        let port = FreePorts.take(1)[0]
        address = HTTPAddress(port: port)
        let list = targets.map { "\"\($0)\"" }.joined(separator: ", ")
        let configuration = """
            global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
            rule_files: ["\(rules)"]
            scrape_configs: [{job_name: tollbook, static_configs: [{targets: [\(list)]}]}]

            """
        try Data(configuration.utf8).write(to: URL(filePath: folder + "/prometheus.yml"))
        try Data().write(to: URL(filePath: folder + "/prometheus.log"))
        let log = open(folder + "/prometheus.log", O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(log) }
        process = try ChildProcess(
            starting: program,
            arguments: [
                "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ], output: log)
    }

    /// Ends it.
    func stop() {
        process.send(SIGTERM)
        if process.waitForExit(timeout: .seconds(60)) == nil { process.send(SIGKILL) }
    }

    /// The values of an expression at this moment.
    ///
    /// - Throws: `SupportFailure` with what Prometheus says where it does not take the expression.
    func values(of expression: String) throws -> [Double] {
        struct Answer: Decodable {
            struct Result: Decodable {
                struct Sample: Decodable { let value: Value }
                let result: [Sample]
            }
            let data: Result?
            let error: String?
        }
        struct Value: Decodable {
            let number: Double

            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                _ = try pair.decode(Double.self)
                number = Double(try pair.decode(String.self)) ?? .nan
            }
        }
        let query = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        var connection = HTTPConnection(to: address, timeout: .seconds(120))
        let body = try connection.send(.get("/api/v1/query?query=" + query)).body
        let answer = try JSONDecoder().decode(Answer.self, from: Data(body))
        if let error = answer.error { throw SupportFailure("\(expression): \(error)") }
        return answer.data?.result.map(\.value.number) ?? []
    }

    /// Waits until a condition holds.
    func waitUntil(_ expression: String) throws {
        for _ in 0..<1200 {
            if let values = try? values(of: expression), !values.isEmpty { return }
            pause(.milliseconds(100))
        }
        throw SupportFailure("it did not come to \(expression)")
    }
}
