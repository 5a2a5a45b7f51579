import Glibc
import Pipeline
import Synchronization

/// The host's disk, which a test can fill, hold back or break.
final class ScriptedDisk: Disk {
    /// What the disk does.
    struct Script {
        /// Bytes that seem to be left; nil for what is really left.
        var available: Int64?
        /// Whether `synchronize` waits.
        var isHeld = false
        /// The error of every `synchronize`.
        var synchronizeError: Int32?
        var synchronizeCount = 0
    }

    private let disk = PosixDisk()
    private let script = Mutex(Script())

    var synchronizeCount: Int { script.withLock { $0.synchronizeCount } }

    func change(_ change: (inout sending Script) -> Void) {
        script.withLock { change(&$0) }
    }

    func createDirectory(_ path: String) throws(DiskError) { try disk.createDirectory(path) }
    func entries(of directory: String) throws(DiskError) -> [String] { try disk.entries(of: directory) }
    func lock(_ directory: String) throws(DiskError) -> (any DirectoryLock)? { try disk.lock(directory) }
    func removeFile(_ path: String) throws(DiskError) { try disk.removeFile(path) }
    func removeDirectory(_ path: String) throws(DiskError) { try disk.removeDirectory(path) }
    func synchronizeDirectory(_ path: String) throws(DiskError) { try disk.synchronizeDirectory(path) }

    func createFile(_ path: String) throws(DiskError) -> any DiskFile {
        File(try disk.createFile(path), path, on: self)
    }

    func openFile(_ path: String) throws(DiskError) -> any DiskFile {
        File(try disk.openFile(path), path, on: self)
    }

    func availableBytes(at directory: String) throws(DiskError) -> Int64 {
        if let available = script.withLock({ $0.available }) { return available }
        return try disk.availableBytes(at: directory)
    }

    private func willSynchronize(_ path: String) throws(DiskError) {
        script.withLock { $0.synchronizeCount += 1 }
        while script.withLock({ $0.isHeld }) { usleep(1000) }
        if let code = script.withLock({ $0.synchronizeError }) { throw DiskError("fdatasync", path, code: code) }
    }

    private final class File: DiskFile {
        private let file: any DiskFile
        private let path: String
        private let disk: ScriptedDisk

        init(_ file: any DiskFile, _ path: String, on disk: ScriptedDisk) {
            self.file = file
            self.path = path
            self.disk = disk
        }

        var size: Int { get throws(DiskError) { try file.size } }
        func append(_ bytes: [UInt8]) throws(DiskError) { try file.append(bytes) }
        func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] { try file.read(at: offset, count: count) }
        func truncate(to size: Int) throws(DiskError) { try file.truncate(to: size) }

        func synchronize() throws(DiskError) {
            try disk.willSynchronize(path)
            try file.synchronize()
        }
    }
}
