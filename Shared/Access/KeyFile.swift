import Foundation
public import Settings

/// The file with the records of all keys: JSON, readable by its owner alone, replaced whole.
public struct KeyFile: Sendable {
    /// Where it lies.
    public let path: String

    /// Names a file; it need not exist.
    public init(path: String) {
        self.path = path
    }

    private struct Contents: Codable {
        var format = 1
        var keys: [KeyRecord]
    }

    /// The records, in the order in which they were made.
    ///
    /// - Throws: `SettingsError` that says what is wrong with the file.
    public func load() throws(SettingsError) -> [KeyRecord] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(
                "the keys file \(path) cannot be read; make it with tollbook keys create --keys \(path)")
        }
        if SecretFile.isExposed(path) == true {
            throw SettingsError("others may read the keys file \(path); close it with chmod 600")
        }
        guard let contents = try? JSONDecoder().decode(Contents.self, from: data), contents.format == 1 else {
            throw SettingsError("\(path) is no keys file; make one with tollbook keys create")
        }
        return contents.keys
    }

    /// Replaces the records with what a change makes of them; those of a file that is not there are none.
    ///
    /// They are on the disk when it returns.
    ///
    /// - Throws: `SettingsError`, also from the change: then the file is as it was.
    public func update(_ change: (inout [KeyRecord]) throws(SettingsError) -> Void) throws(SettingsError) {
        let lock = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw SettingsError("the keys file \(path) cannot be written: its folder is not there or not ours")
        }
        defer { close(lock) }
        var keys = FileManager.default.fileExists(atPath: path) ? try load() : []
        try change(&keys)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(Contents(keys: keys)) else {
            throw SettingsError("the keys cannot be written as JSON")
        }
        try DurableFile.replace(path, with: Array(data))
    }

    /// What changes whenever the file is replaced.
    var version: FileVersion? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileVersion(
            inode: UInt64(status.st_ino), seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec), size: Int64(status.st_size))
    }

    struct FileVersion: Hashable, Sendable {
        let inode: UInt64
        let seconds: Int64
        let nanoseconds: Int64
        let size: Int64
    }
}
