import Glibc

/// Files that are whole and on the disk when a call returns, or as they were.
public enum DurableFile {
    /// Puts a file in the place of another, or where none is; only its owner may read it.
    ///
    /// It is written beside its place, synchronized, put in place at once, and its folder synchronized: after a loss of power
    /// there is the old file or the new one.
    ///
    /// - Throws: `SettingsError`; the file is as it was, unless the folder alone could not be synchronized.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(SettingsError) {
        let draft = path + ".new"
        unlink(draft)
        do throws(SettingsError) {
            try write(bytes, to: draft)
            try move(draft, to: path)
        } catch {
            unlink(draft)
            throw error
        }
        try synchronize(folder(of: path))
    }

    /// Renames a file within its file system; synchronize its folder to have the name on the disk.
    public static func move(_ path: String, to other: String) throws(SettingsError) {
        guard rename(path, other) == 0 else { throw failure("rename", path) }
    }

    /// Waits until a file, or the list of names of a folder, is on the disk.
    public static func synchronize(_ path: String) throws(SettingsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    /// The folder that a file or folder lies in.
    public static func folder(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(SettingsError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", path) }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { throw failure("write", path) }
            offset += max(0, count)
        }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> SettingsError {
        SettingsError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
