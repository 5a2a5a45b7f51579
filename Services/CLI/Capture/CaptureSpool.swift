import FoundationEssentials
import Glibc
import LocalHTTP
import Metering
import Settings
import WallClock

/// Keeps what captures found until ingest has it: usage alone, one file for each run, in a folder that only its owner reads.
struct CaptureSpool {
    /// The most bytes that are kept.
    static let maximumBytes: Int64 = 64 << 20
    /// The folder.
    let folder: String

    /// The spool below the data folder for what an ingest is to have; what is meant for one is never sent to another.
    init(data: String = DataDirectory.root, for ingest: HTTPAddress) {
        folder = data + "/capture/\(ingest.host)-\(ingest.port)"
    }

    /// The files that wait, oldest first.
    var waiting: [String] { files(ending: Self.waitingEnd) }

    /// The files that ingest refused for good, which are never sent again.
    var refused: [String] { files(ending: Self.refusedEnd) }

    private static let waitingEnd = ".ndjson"
    private static let refusedEnd = ".refused"

    private func files(ending end: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(end) }.sorted().map { folder + "/" + $0 }
    }

    /// Keeps events; they are on disk when it returns.
    ///
    /// - Returns: the file.
    func keep(_ events: [IngestEvent]) throws -> String {
        _ = try DataDirectory.make(folder)
        var lines: [UInt8] = []
        for event in events {
            lines += event.json
            lines.append(UInt8(ascii: "\n"))
        }
        let bytes = (waiting + refused).reduce(Int64(lines.count)) { $0 + Self.size(of: $1) }
        guard bytes <= Self.maximumBytes else {
            throw Failure(
                "\(folder) holds \(Self.maximumBytes >> 20) MiB already; start ingest, or remove what is not to be counted"
            )
        }
        let name = "\(Timestamp.now.nanoseconds)-\(UUID().uuidString.lowercased())"
        let path = folder + "/" + name + Self.waitingEnd
        try DurableFile.replace(path, with: lines)
        return path
    }

    /// Sends a file and removes it; removing comes last, so that nothing is lost in between.
    ///
    /// - Returns: what to tell the user where the file cannot be sent, now or ever, and others can.
    /// - Throws: where ingest takes nothing at present.
    func send(_ path: String, by sender: inout EventSender) throws -> String? {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            let isThere = FileManager.default.fileExists(atPath: path)
            return isThere ? "the usage of a captured run cannot be read from \(path); let its owner run this" : nil
        }
        do {
            try sender.post(Array(bytes))
            unlink(path)
            return nil
        } catch let refusal as EventRefusal where refusal.isPermanent {
            return try setAside(path, refusal)
        }
    }

    /// Puts a file out of the way of others, which ingest may take.
    private func setAside(_ path: String, _ refusal: EventRefusal) throws -> String? {
        let other = path.dropLast(Self.waitingEnd.count) + Self.refusedEnd
        // Another command may have done so already.
        guard rename(path, String(other)) == 0 || errno == ENOENT else {
            throw Failure("cannot rename \(path): \(String(cString: strerror(errno)))")
        }
        try DurableFile.synchronize(folder)
        return
            "\(refusal); the usage of a captured run is not counted. It is kept in \(other): bring tollbook and ingest to "
            + "the same release, name the file \(Self.waitingEnd) again, and run tollbook import"
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
