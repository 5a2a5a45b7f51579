import Foundation

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
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let folder = try TestFolder()
        defer { folder.remove() }
        // Files, not pipes: a program that fills one pipe while the other is read would never end.
        let files = try ["out", "err"].map { name in
            try Data().write(to: URL(filePath: folder.path + "/" + name))
            return try FileHandle(forUpdating: URL(filePath: folder.path + "/" + name))
        }
        process.standardOutput = files[0]
        process.standardError = files[1]
        try process.run()
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        output = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
        errors = try String(contentsOfFile: folder.path + "/err", encoding: .utf8)
    }

    /// Runs `tollbook` of this build.
    public static func tollbook(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
        let plain = ["NO_COLOR": "1", "COLUMNS": "200", "TZ": "UTC"].merging(environment) { $1 }
        return try Command(RunningServices.productsFolder + "/tollbook", arguments, environment: plain)
    }
}
