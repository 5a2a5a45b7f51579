import Glibc

/// Whether a file with secrets is kept from other users.
public enum SecretFile {
    /// Whether others than its owner may read a file; `nil` where it is not there.
    ///
    /// A file of root may be readable by its group as well: that is how an orchestrator hands a secret to one service.
    /// Links are followed, because that is what it hands over.
    public static func isExposed(_ path: String) -> Bool? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return isExposed(mode: UInt32(status.st_mode), owner: UInt32(status.st_uid))
    }

    /// The rule by itself.
    ///
    /// - Parameters:
    ///   - mode: the permission bits.
    ///   - owner: the user id of the owner.
    static func isExposed(mode: UInt32, owner: UInt32) -> Bool {
        let groupMayRead: UInt32 = 0o040
        return mode & (owner == 0 ? 0o077 & ~groupMayRead : 0o077) != 0
    }
}
