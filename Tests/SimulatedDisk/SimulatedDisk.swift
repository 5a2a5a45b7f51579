import Glibc
public import Pipeline

/// A disk in memory that can be full, can fail, and forgets what was not synchronized when the power goes.
public final class SimulatedDisk: Disk, @unchecked Sendable {
    private final class Node {
        var durable: [UInt8] = []
        var current: [UInt8] = []
    }

    private final class Lock: DirectoryLock {
        private let release: () -> Void

        init(_ release: @escaping () -> Void) {
            self.release = release
        }

        deinit {
            release()
        }
    }

    /// Files as the directory entries on the platter say, and as the running system sees them.
    private var durableFiles: [String: Node] = [:]
    private var files: [String: Node] = [:]
    private var directories: Set<String> = []
    private var locked: Set<String> = []

    /// Bytes that may still be written.
    public var room = Int.max
    /// What the file system says is free.
    public var available: Int64 = .max
    /// The error of the next `synchronize`, once.
    public var synchronizeError: Int32?
    /// The error of every `truncate`.
    public var truncateError: Int32?
    /// How often a file was synchronized.
    public private(set) var synchronizeCount = 0
    /// How often a file was read.
    public private(set) var readCount = 0

    /// Makes an empty disk.
    public init() {}

    /// The paths of all files.
    public var fileNames: [String] { files.keys.sorted() }

    /// What a file holds, as the running system sees it.
    public func content(of path: String) -> [UInt8] { files[path]?.current ?? [] }

    /// Gives a file a content that is durable at once.
    public func overwrite(_ path: String, with bytes: [UInt8]) {
        let node = Node()
        node.current = bytes
        node.durable = bytes
        files[path] = node
        durableFiles[path] = node
    }

    /// Flips a bit under the feet of whoever has the file open.
    public func decay(_ path: String, at offset: Int) {
        files[path]?.current[offset] ^= 1
    }

    /// The power goes: of what was not synchronized, a random part from the front of each file survives.
    public func losePower(using random: inout some RandomNumberGenerator) {
        files = durableFiles
        for node in files.values where node.current != node.durable {
            let kept = Int.random(in: min(node.durable.count, node.current.count)...node.current.count, using: &random)
            node.current = Array(node.current[..<kept])
            node.durable = node.current
        }
        locked = []
    }

    /// As ``Disk`` says.
    public func createDirectory(_ path: String) { directories.insert(path) }

    /// As ``Disk`` says.
    public func entries(of directory: String) -> [String] {
        let paths: [String] = Array(files.keys) + Array(directories)
        let names = paths.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }
        return names.filter { !$0.contains("/") }
    }

    /// As ``Disk`` says.
    public func lock(_ directory: String) -> (any DirectoryLock)? {
        guard directories.contains(directory), locked.insert(directory).inserted else { return nil }
        return Lock { [weak self] in self?.locked.remove(directory) }
    }

    /// As ``Disk`` says.
    public func createFile(_ path: String) throws(DiskError) -> any DiskFile {
        guard files[path] == nil else { throw DiskError("open", path, code: EEXIST) }
        guard room > 0 else { throw DiskError("open", path, code: ENOSPC) }
        files[path] = Node()
        return try openFile(path)
    }

    /// As ``Disk`` says.
    public func openFile(_ path: String) throws(DiskError) -> any DiskFile {
        guard let node = files[path] else { throw DiskError("open", path, code: ENOENT) }
        return File(path: path, node: node, disk: self)
    }

    /// As ``Disk`` says.
    public func removeFile(_ path: String) {
        files[path] = nil
        durableFiles[path] = nil
    }

    /// As ``Disk`` says.
    public func removeDirectory(_ path: String) throws(DiskError) {
        guard entries(of: path).isEmpty else { throw DiskError("rmdir", path, code: ENOTEMPTY) }
        directories.remove(path)
    }

    /// As ``Disk`` says.
    public func synchronizeDirectory(_ path: String) {
        for (name, node) in files where name.hasPrefix(path + "/") { durableFiles[name] = node }
    }

    /// As ``Disk`` says.
    public func availableBytes(at directory: String) -> Int64 { available }

    private final class File: DiskFile {
        private let path: String
        private let node: Node
        private let disk: SimulatedDisk

        init(path: String, node: Node, disk: SimulatedDisk) {
            self.path = path
            self.node = node
            self.disk = disk
        }

        var size: Int { node.current.count }

        func append(_ bytes: [UInt8]) throws(DiskError) {
            let fitting = min(bytes.count, disk.room)
            node.current += bytes[..<fitting]
            if disk.room != .max { disk.room -= fitting }
            guard fitting == bytes.count else { throw DiskError("write", path, code: ENOSPC) }
        }

        func read(at offset: Int, count: Int) -> [UInt8] {
            disk.readCount += 1
            return Array(node.current[min(offset, size)..<min(offset + count, size)])
        }

        func truncate(to size: Int) throws(DiskError) {
            if let code = disk.truncateError { throw DiskError("ftruncate", path, code: code) }
            if disk.room != .max { disk.room += node.current.count - size }
            node.current = Array(node.current[..<size])
        }

        func synchronize() throws(DiskError) {
            disk.synchronizeCount += 1
            if let code = disk.synchronizeError {
                disk.synchronizeError = nil
                throw DiskError("fdatasync", path, code: code)
            }
            node.durable = node.current
        }
    }
}
