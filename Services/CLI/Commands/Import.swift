import ArgumentParser
import Console
import FileReading
import FoundationEssentials
import Glibc
import Harnesses
import LocalHTTP
import Metering
import Settings
import WallClock

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count the history that agents have written to files.",
        discussion: """
            Reads session files and sends their usage to ingest, like telemetry; nothing else of the files leaves this \
            command. Without paths, the folders of all known agents are searched. What was counted before, by an earlier \
            import or from telemetry, is not counted again.
            """)

    @Argument(help: "Session files, or folders to search for them; by default the folders of all known agents.")
    var paths: [String] = []

    @Option(help: "The agent that wrote the files; told by their folder where it is not given.")
    var harness: String?

    @Option(help: "Where ingest takes telemetry.")
    var ingest = Environment.value("TOLLBOOK_INGEST", default: HTTPAddress(port: 4318))

    func run() throws {
        try Environment.validate()
        let search = try SessionFileSearch(harness: harness)
        for path in paths { try search.add(path) }
        if paths.isEmpty { search.addStandardFolders() }
        guard !search.files.isEmpty else { throw Failure(search.nothingFound(in: paths)) }
        var job = ImportJob(address: ingest, files: search.files)
        for file in search.files { try job.read(file) }
        try job.finish()
        if search.unknown > 0 {
            Terminal.report(
                "\(search.unknown) files were left out: their folder does not tell the agent; name it with --harness")
        }
        if search.compressed > 0 { Terminal.report(search.compressedFiles) }
        if search.unknown > 0 || search.compressed > 0 || job.failures > 0 { throw ExitCode.failure }
    }
}

/// Reads files, sends what they report, and shows how far it is.
struct ImportJob: ~Copyable {
    /// Files, or parts of them, that could not be read.
    private(set) var failures = 0
    /// Lines that are looked for.
    private(set) var wanted: RefusedLines
    private var sender: EventSender
    private var progress: ProgressLine
    private var counted = IntakeResult()
    private let intake = Intake(identityPolicy: .keep)
    private let files: Int
    private let address: HTTPAddress
    private var filesDone = 0
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now

    init(address: HTTPAddress, files: [FoundFile], lookingFor wanted: RefusedLines = RefusedLines([])) {
        self.wanted = wanted
        sender = EventSender(to: address)
        self.address = address
        progress = ProgressLine(done: 0, total: files.reduce(0) { $0 + $1.size }, seconds: 0, detail: "")
        self.files = files.count
    }

    /// Reads a file to its end.
    mutating func read(_ file: FoundFile) throws {
        let before = progress.done
        do {
            switch file.form {
            case .lines: try readLines(file)
            case .document: try readDocument(file)
            case .database(let queries): try readDatabase(file, queries)
            }
        } catch let failure as FileFailure {
            complain("cannot read \(file.place): \(failure)")
        } catch let failure as DatabaseRows.Failure {
            complain("cannot read \(file.place): \(failure)")
        }
        progress.done = before + file.size
        filesDone += 1
        show()
    }

    /// Sends what is left and shows the result.
    mutating func finish() throws {
        try sender.flush()
        // Runs whose usage could not be sent when they ended are history too.
        let spool = CaptureSpool(for: address)
        for path in spool.waiting {
            if let problem = try spool.send(path, by: &sender) { complain(problem) }
        }
        show(isLast: true)
        var parts = ["\(NumberText.grouped(Int64(counted.accepted))) usage records in \(files) files"]
        if counted.rejectedCount > 0 { parts.append("not usable: \(counted.rejectionSummary)") }
        Terminal.report(parts.joined(separator: "; "))
    }

    private mutating func readLines(_ file: FoundFile) throws {
        let open = try OpenFile(file.place)
        guard var reading = file.file.folder.begin(file.file.path, intake: intake) else { return }
        var lines = LineReader()
        while true {
            switch try lines.next(in: open) {
            case .lines(let text):
                wanted.look(through: text)
                try take(reading.read(text, receivedTime: .now))
                progress.done += Int64(text.count)
            case .oversizedLine(let size, let head):
                try take(reading.rejectingLine(head: head, size: size, receivedTime: .now))
                progress.done += size
            case .end(let rest):
                wanted.look(through: rest)
                if !rest.isEmpty { try take(reading.readingAhead(rest, receivedTime: .now)) }
                return
            }
            show()
        }
    }

    private mutating func readDocument(_ file: FoundFile) throws {
        let open = try OpenFile(file.place)
        guard var reading = file.file.folder.begin(file.file.path, intake: intake) else { return }
        let text = try open.read(Int(open.status().size), at: 0)
        wanted.look(at: text[...])
        try take(reading.read(text, receivedTime: .now))
    }

    private mutating func readDatabase(_ file: FoundFile, _ queries: [String]) throws {
        guard var reading = file.file.folder.begin(file.file.path, intake: intake) else { return }
        var parts: [IntakeResult] = []
        try DatabaseRows.read(file.place, queries: queries) { lines in
            parts.append(reading.read(lines, receivedTime: .now))
        }
        for part in parts { try take(part) }
    }

    private mutating func take(_ result: IntakeResult) throws {
        for event in result.events {
            if case .deadLetter(let letter) = event { wanted.noteUnusable(letter.id) }
            try sender.add(event)
        }
        counted.add(contentsOf: result.filtered { _ in false })
    }

    private mutating func complain(_ line: String) {
        failures += 1
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
