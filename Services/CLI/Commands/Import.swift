import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import LocalHTTP
import Settings

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count the history that agents have written to files.",
        discussion: """
            Sends session files through ingest, like telemetry. What was counted before, by an earlier import or from \
            telemetry, is not counted again.
            """)

    @Argument(help: "Session files, or folders to search for them, such as ~/.claude/projects.")
    var paths: [String]

    @Option(help: "The harness that wrote the files; told by their folder where it is not given.")
    var harness: String?

    @Option(help: "Where ingest takes telemetry.")
    var ingest = Environment.value("TOLLBOOK_INGEST", default: HTTPAddress(port: 4318))

    func run() throws {
        try Environment.validate()
        let files = try paths.flatMap(SessionFile.find)
        guard !files.isEmpty else {
            throw Failure("no session files (*.jsonl) found in \(paths.joined(separator: ", "))")
        }
        var job = ImportJob(address: ingest, files: files.count, bytes: files.reduce(0) { $0 + $1.size })
        var unknown = 0
        for file in files {
            guard let harness = harness ?? HarnessGuess.harness(ofFile: file.path) else {
                unknown += 1
                job.skip(file)
                continue
            }
            try job.send(file, harness: harness)
        }
        job.finish()
        if unknown > 0 {
            Terminal.report(
                "\(unknown) files were left out: their folder does not tell the harness; name it with --harness")
        }
        if unknown > 0 || job.failures > 0 { throw ExitCode.failure }
    }
}

/// A file that holds a session.
struct SessionFile {
    let path: String
    let size: Int64

    /// The session files at a path, by name; a file that is named itself is taken whatever its name.
    static func find(at path: String) throws -> [SessionFile] {
        let files = FileManager.default
        var isFolder = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else { throw Failure("there is no \(path)") }
        guard isFolder else { return [SessionFile(path: path, size: size(path))] }
        return try files.subpathsOfDirectory(atPath: path).sorted()
            .filter(HarnessGuess.isSessionFile)
            .map { SessionFile(path: path + "/" + $0, size: size(path + "/" + $0)) }
    }

    private static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}

/// Sends files to ingest and shows how far it is.
struct ImportJob: ~Copyable {
    /// Bytes of one request: ingest takes twice as much, and nearly every file comes whole.
    static let chunkBytes = 32 * 1024 * 1024
    /// How long a busy ingest is waited for.
    static let patience = Duration.seconds(120)

    private(set) var failures = 0
    private var connection: HTTPConnection
    private var progress: ProgressLine
    private let files: Int
    private var filesDone = 0
    private var oversizedLines = 0
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now

    init(address: HTTPAddress, files: Int, bytes: Int64) {
        connection = HTTPConnection(to: address, timeout: .seconds(60))
        progress = ProgressLine(done: 0, total: bytes, seconds: 0, detail: "")
        self.files = files
    }

    /// Counts a file as done without sending it.
    mutating func skip(_ file: SessionFile) {
        progress.done += file.size
        filesDone += 1
        show()
    }

    /// Sends one file in chunks of whole lines.
    mutating func send(_ file: SessionFile, harness: String) throws {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            failures += 1
            complain("cannot read \(file.path): \(String(cString: strerror(errno)))")
            return skip(file)
        }
        defer { close(descriptor) }
        var chunker = LineChunker(maximumBytes: Self.chunkBytes)
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        let before = progress.done
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            for chunk in chunker.add(buffer[..<count]) { try post(chunk, file, harness) }
            progress.done += Int64(count)
            show()
        }
        if let chunk = chunker.finish() { try post(chunk, file, harness) }
        oversizedLines += chunker.oversizedLines
        progress.done = before + file.size
        filesDone += 1
        show()
    }

    /// Shows the result.
    mutating func finish() {
        show(isLast: true)
        if oversizedLines > 0 {
            Terminal.report(
                "\(oversizedLines) lines longer than \(NumberText.bytes(Int64(Self.chunkBytes))) were left out")
        }
    }

    private mutating func post(_ chunk: [UInt8], _ file: SessionFile, _ harness: String) throws {
        let target = "/v1/transcripts/" + QueryString.escape(harness) + QueryString.encode([("file", file.path)])
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let response = try connection.send(.post(target, "application/x-ndjson", chunk))
            switch response.status {
            case 200..<300: return
            case 429, 503:
                guard ContinuousClock.now < deadline else {
                    throw Failure("ingest stayed busy (\(response.status)); try again later, nothing counts twice")
                }
                let seconds = response.header("retry-after").flatMap { UInt32($0) } ?? 1
                sleep(min(max(seconds, 1), 30))
            case 400, 413:
                guard let halves = LineChunker.halves(of: chunk) else { return refused(file, response.status) }
                try post(halves.first, file, harness)
                return try post(halves.second, file, harness)
            case 404:
                throw Failure("ingest does not read files of the harness \(harness); choose another with --harness")
            default: return refused(file, response.status)
            }
        }
    }

    private mutating func refused(_ file: SessionFile, _ status: Int) {
        failures += 1
        complain("\(file.path): ingest refused a part of it (\(status))")
    }

    private func complain(_ line: String) {
        if Terminal.isErrorInteractive { Terminal.overwriteLine("") }
        Terminal.report(line)
    }

    private mutating func show(isLast: Bool = false) {
        let now = ContinuousClock.now
        let pause = Terminal.isErrorInteractive ? Duration.milliseconds(100) : .seconds(10)
        guard isLast || now - lastShown >= pause else { return }
        lastShown = now
        progress.seconds = (now - start) / .seconds(1)
        progress.detail = "\(filesDone) of \(files) files"
        if Terminal.isErrorInteractive {
            Terminal.overwriteLine(progress.text() + (isLast ? "\n" : ""))
        } else {
            Terminal.report(progress.text())
        }
    }
}
