import DequeModule
import FileReading
import Harnesses
import Metering

/// The session files that are followed: which there are, which have something to read, and whose turn it is.
///
/// Holds one descriptor at a time, one part of one file, and what was understood of the files read last; of the others
/// a cursor each. A few files are read in turns, so that a long one keeps nobody waiting; files that change now and files
/// found lying take turns too.
struct FollowedFiles {
    /// How many files are read in turns.
    static let activeLimit = 8
    /// Of how many files at rest it is remembered what was understood of them.
    static let readingLimit = 64

    let folders: [SessionFolder]
    /// What was read and is not yet safe.
    var batch = FollowedBatch()
    /// Folders that turned out to have changed while a file was read.
    private(set) var suspects: Set<String> = []
    /// Files that were read from their start again because what was read of them was gone.
    private(set) var rewritten = 0
    private let intake: Intake
    private var files: [FileIdentity: FollowedFile] = [:]
    /// Cursors of an earlier run whose files were not found yet.
    private var kept: [FileIdentity: FileCursor]
    private var hot: Deque<FileIdentity> = []
    private var backlog: Deque<FileIdentity> = []
    private var active: Deque<FileIdentity> = []
    private var isHotNext = true
    /// Files at rest whose reading is remembered, the longest at rest first.
    private var resting: Deque<FileIdentity> = []
    private var scheduled: Set<FileIdentity> = []
    private var search = 0

    init(folders: [SessionFolder], intake: Intake, cursors: [FileIdentity: FileCursor]) {
        self.folders = folders
        self.intake = intake
        kept = cursors
    }

    /// How many files there are.
    var count: Int { files.count }
    /// How many have something to read.
    var waiting: Int { hot.count + backlog.count + active.count }

    /// Begins a search through all folders.
    mutating func beginSearch() { search += 1 }

    /// Takes note of a file that was found.
    mutating func found(_ path: String, in folder: Int, _ status: FileStatus, isChange: Bool) {
        let identity = status.identity
        var file: FollowedFile
        if let known = files[identity] {
            file = known
        } else {
            // A file that was followed goes on being followed under whatever name, as when logs are rotated.
            let cursor = kept.removeValue(forKey: identity)
            guard let form = folders[folder].form(of: path) ?? (cursor == nil ? nil : .lines) else { return }
            file = FollowedFile(folder: folder, path: path, form: form, cursor: cursor ?? FileCursor())
        }
        // Two links to one file: the first name found in a search stays.
        if file.search != search || isChange {
            file.folder = folder
            file.path = path
        }
        file.search = search
        let state = file.form.state(of: folders[folder].place(of: path), status)
        let isQueued = file.isQueued
        if file.cursor.look(at: (state.size, state.modified)) != .unchanged { file.isQueued = true }
        files[identity] = file
        guard file.isQueued, !isQueued else { return }
        if isChange { hot.append(identity) } else { backlog.append(identity) }
    }

    /// Ends a search through all folders.
    ///
    /// - Returns: the files that are gone, whose cursors are of no use: not found twice, since one that is renamed while
    ///   its folder is read may be found under neither name.
    mutating func endSearch() -> [FileIdentity] {
        var gone = files.filter { $0.value.search < search - 1 && !$0.value.isQueued }.map(\.key)
        if search > 1 {
            gone += kept.keys
            kept = [:]
        }
        for identity in gone {
            files[identity] = nil
            scheduled.remove(identity)
        }
        return gone
    }

    /// Looks again at files whose time has come.
    mutating func wake(at now: Timestamp) {
        for identity in scheduled {
            guard let due = files[identity]?.due else {
                scheduled.remove(identity)
                continue
            }
            guard due <= now else { continue }
            scheduled.remove(identity)
            files[identity]?.due = nil
            guard files[identity]?.isQueued == false else { continue }
            files[identity]?.isQueued = true
            hot.append(identity)
        }
    }

    /// Takes the folders that have to be looked through.
    mutating func takeSuspects() -> Set<String> {
        defer { suspects = [] }
        return suspects
    }

    /// Reads a part of the next file; false when there is none.
    mutating func readPart(at now: Timestamp) -> Bool {
        while active.count < Self.activeLimit, let identity = nextWaiting() { active.append(identity) }
        guard let identity = active.popFirst() else { return false }
        guard var file = files[identity] else { return true }
        // Taken out of the table, so that nothing is copied when it changes.
        files[identity] = nil
        var isFinished = true
        do throws(FileFailure) {
            isFinished = try read(&file, identity, at: now)
        } catch {
            file.round = nil
            if error.isGone {
                suspects.insert(folder(of: file))
            } else {
                // Not readable now, such as for its permissions; it is tried again from time to time.
                file.cursor.seen = nil
                batch.failures += 1
            }
        }
        file.isQueued = !isFinished
        if file.due != nil { scheduled.insert(identity) }
        files[identity] = file
        if isFinished { rest(identity) } else { active.append(identity) }
        return true
    }

    private mutating func nextWaiting() -> FileIdentity? {
        defer { isHotNext.toggle() }
        return isHotNext ? hot.popFirst() ?? backlog.popFirst() : backlog.popFirst() ?? hot.popFirst()
    }

    private mutating func rest(_ identity: FileIdentity) {
        resting.removeAll { $0 == identity }
        resting.append(identity)
        while resting.count > Self.readingLimit, let oldest = resting.popFirst() {
            // One that waits to be read comes to rest again.
            if files[oldest]?.isQueued == false { files[oldest]?.reading = nil }
        }
    }

    /// Begins to read a file from its start.
    func begin(_ path: String, in folder: Int) -> TranscriptReading? { folders[folder].begin(path, intake: intake) }

    private func folder(of file: FollowedFile) -> String {
        let place = folders[file.folder].place(of: file.path)
        return String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)])
    }

    private mutating func read(
        _ file: inout FollowedFile, _ identity: FileIdentity, at now: Timestamp
    ) throws(FileFailure) -> Bool {
        switch file.form {
        case .lines: return try readLines(&file, identity, at: now)
        case .document:
            try readDocument(&file, identity, at: now)
        case .database(let queries):
            try readDatabase(&file, identity, queries, at: now)
        }
        return true
    }
}

extension FollowedFiles {
    /// Reads a part of a file of lines.
    ///
    /// - Returns: whether nothing is left to read.
    private mutating func readLines(
        _ file: inout FollowedFile, _ identity: FileIdentity, at now: Timestamp
    ) throws(FileFailure) -> Bool {
        let open = try OpenFile(folders[file.folder].place(of: file.path))
        guard try open.status().identity == identity else {
            suspects.insert(folder(of: file))
            file.round = nil
            return true
        }
        if file.reading == nil {
            file.reading = begin(file.path, in: file.folder)
            file.lines = LineReader()
        }
        let step = try file.readLines(in: open, at: now)
        switch step {
        case .startedOver: rewritten += 1
        case .unsure, .repeated: break
        case .read(let result, let bytes), .ended(let result, let bytes):
            batch.add(result, bytes: bytes)
            batch.cursors[identity] = file.due == nil ? file.cursor : file.cursor.unseen
        }
        return step.isEnd
    }
}
