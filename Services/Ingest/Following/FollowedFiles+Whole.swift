import FileReading
import Glibc
import Harnesses
import Metering

/// Files that are read whole each time that they changed.
extension FollowedFiles {
    /// The largest document that is read.
    static let maximumDocumentBytes: Int64 = 128 << 20
    /// How long a document that is none may be one that is just being written.
    static let writingTime = Duration.seconds(10)
    /// The shortest time between two readings of a database.
    static let databaseInterval = Duration.seconds(10)

    /// Reads a document, and takes of it what is new.
    mutating func readDocument(
        _ file: inout FollowedFile, _ identity: FileIdentity, at now: Timestamp
    ) throws(FileFailure) {
        let open = try OpenFile(folders[file.folder].place(of: file.path))
        let status = try open.status()
        guard status.identity == identity else { return }
        let seen = FileCursor.Seen(size: status.size, modified: status.modified)
        guard status.size <= Self.maximumDocumentBytes else {
            file.cursor.seen = seen
            batch.failures += 1
            return
        }
        let text = try open.read(Int(status.size), at: 0)
        let later = try open.status()
        guard later == status, var reading = begin(file) else {
            file.due = now.advanced(by: .seconds(1))
            return
        }
        let result = reading.read(text, receivedTime: now)
        let written = Timestamp(nanoseconds: status.modified)
        if result.rejected[.malformedDocument] != nil, now < written.advanced(by: Self.writingTime) {
            file.due = written.advanced(by: Self.writingTime)
            return
        }
        file.cursor.seen = seen
        file.due = FollowedFile.unsettled(seen.modified, at: now)
        batch.add(file.new(result), bytes: text.count)
        batch.cursors[identity] = file.due == nil ? file.cursor : file.cursor.unseen
    }

    /// Reads a database, and takes of it what is new.
    mutating func readDatabase(
        _ file: inout FollowedFile, _ identity: FileIdentity, _ queries: [String], at now: Timestamp
    ) throws(FileFailure) {
        if let last = file.lastRead, now < last.advanced(by: Self.databaseInterval) {
            file.due = last.advanced(by: Self.databaseInterval)
            return
        }
        file.lastRead = now
        let place = folders[file.folder].place(of: file.path)
        guard let status = FileStatus(path: place) else { throw FileFailure(code: ENOENT) }
        // Before the rows are read: what is written meanwhile makes another look necessary.
        let seen = file.form.state(of: place, status)
        guard var reading = begin(file) else { return }
        do throws(DatabaseRows.Failure) {
            try DatabaseRows.read(place, queries: queries) { lines in
                batch.add(file.new(reading.read(lines, receivedTime: now)), bytes: lines.count)
            }
        } catch {
            batch.failures += 1
            file.due = now.advanced(by: .seconds(30))
            return
        }
        file.cursor.seen = seen
        file.due = FollowedFile.unsettled(seen.modified, at: now)
        batch.cursors[identity] = file.due == nil ? file.cursor : file.cursor.unseen
    }

    private func begin(_ file: FollowedFile) -> TranscriptReading? { begin(file.path, in: file.folder) }
}

extension SessionFiles.Form {
    /// What tells whether a file changed: a database changes in its log first.
    func state(of place: String, _ status: FileStatus) -> FileCursor.Seen {
        var seen = FileCursor.Seen(size: status.size, modified: status.modified)
        if case .database = self, let log = FileStatus(path: place + "-wal") {
            seen = FileCursor.Seen(size: seen.size + log.size, modified: max(seen.modified, log.modified))
        }
        return seen
    }
}
