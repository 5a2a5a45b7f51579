import Foundation
import Supervision

/// A program that a test runs to its end.
public struct Command: Sendable {
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String
    /// Its exit status; 128 and the signal's number when a signal ended it.
    public let status: Int32

    /// Runs a program and waits for its end.
    ///
    /// - Parameter environment: Variables beside those of the test.
    public init(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        // Files, not pipes: a program that fills one pipe while the other is read would never end.
        let paths = ["out", "err"].map { folder.path + "/" + $0 }
        let files = paths.map { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }
        defer { for file in files { close(file) } }
        // Foundation's own process looks for its end twenty times a second, which tells nothing of how long a command takes.
        let process = try ChildProcess(
            starting: executable, arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, output: files[0],
            errors: files[1])
        switch process.waitForExit() {
        case .status(let status): self.status = status
        case .signal(let signal): status = 128 + signal
        case nil: throw SupportFailure("\(executable) ended unseen")
        }
        output = try String(contentsOfFile: paths[0], encoding: .utf8)
        errors = try String(contentsOfFile: paths[1], encoding: .utf8)
    }

    /// Runs `tollbook` of this build.
    public static func tollbook(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
        let plain = ["NO_COLOR": "1", "COLUMNS": "200", "TZ": "UTC"].merging(environment) { $1 }
        return try Command(RunningServices.productsFolder + "/tollbook", arguments, environment: plain)
    }
}
