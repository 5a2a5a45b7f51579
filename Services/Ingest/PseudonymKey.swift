import FoundationEssentials
import Glibc
import Settings

/// The secret that turns the identity of users into pseudonyms, kept in a file that only this service's user may read.
///
/// Replicas that share a folder share the key, so that one person stays one person.
enum PseudonymKey {
    /// The file's name.
    static let fileName = "pseudonym.key"
    private static let byteCount = 32

    /// Reads the key; makes one where there is none.
    static func load(from folder: String) throws(SettingsError) -> [UInt8] {
        let path = folder + "/" + fileName
        if let key = try read(path) { return key }
        try create(path, in: folder)
        guard let key = try read(path) else {
            throw SettingsError("\(path) was removed while it was made; start again")
        }
        return key
    }

    private static func read(_ path: String) throws(SettingsError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        // One byte more than a key has, to see that the file ends there.
        var bytes = [UInt8](repeating: 0, count: byteCount + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count == byteCount else {
            throw SettingsError(
                "\(path) does not hold a key of \(byteCount) bytes; restore it, or remove it to have a new one made, "
                    + "with which known users get new pseudonyms")
        }
        return Array(bytes.prefix(byteCount))
    }

    /// Makes the file whole or not at all, and leaves one alone that another replica was first to make.
    private static func create(_ path: String, in folder: String) throws(SettingsError) {
        let draft = path + "." + UUID().uuidString.lowercased()
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", draft) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        // The system's generator is a cryptographic one.
        let key = (0..<byteCount).map { _ in UInt8.random(in: .min ... .max) }
        guard write(descriptor, key, byteCount) == byteCount, fsync(descriptor) == 0 else {
            throw failure("write", draft)
        }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure("make", path) }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open", folder) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("synchronize", folder) }
    }

    private static func failure(_ verb: String, _ path: String) -> SettingsError {
        SettingsError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
