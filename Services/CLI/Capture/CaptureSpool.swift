import FoundationEssentials
import Glibc
import LocalHTTP
import Metering
import Settings

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
    var waiting: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".ndjson") }.sorted().map { folder + "/" + $0 }
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
        let bytes = waiting.reduce(Int64(lines.count)) { $0 + Self.size(of: $1) }
        guard bytes <= Self.maximumBytes else {
            throw Failure("\(folder) holds \(Self.maximumBytes >> 20) MiB already; start ingest, or remove it")
        }
        let name = "\(Timestamp.now.nanoseconds)-\(UUID().uuidString.lowercased())"
        let path = folder + "/" + name + ".ndjson"
        try write(lines, to: folder + "/" + name + ".part")
        guard rename(folder + "/" + name + ".part", path) == 0 else { throw failure("rename") }
        try synchronize(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return path
    }

    /// Sends a file and removes it; removing comes last, so that nothing is lost in between.
    func send(_ path: String, by sender: inout EventSender) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else { return }
        try sender.post(Array(bytes))
        unlink(path)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make a file") }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            guard count > 0 || errno == EINTR else { throw failure("write") }
            offset += max(0, count)
        }
        guard fsync(descriptor) == 0 else { throw failure("write") }
    }

    private func synchronize(_ path: String, _ flags: Int32) throws {
        let descriptor = open(path, flags)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write") }
    }

    private func failure(_ verb: String) -> Failure {
        Failure("cannot \(verb) in \(folder): \(String(cString: strerror(errno)))")
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
