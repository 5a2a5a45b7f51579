/// Another process of the same service uses a folder that only one may write.
public struct FolderInUse: Error, Hashable, CustomStringConvertible {
    /// The folder.
    public let folder: String
    /// The program whose folder it is.
    public let program: String

    /// What is wrong and what to do.
    public var description: String {
        "the data in \(folder) is in use by another \(program); stop it, or give this one another folder with "
            + "--data (TOLLBOOK_DATA)"
    }
}

extension Disk {
    /// Keeps every other process of a program away from its folder, for as long as the lock lives.
    ///
    /// - Throws: ``FolderInUse`` where another has it, `DiskError` where it cannot be told.
    public func claim(_ folder: String, for program: String) throws -> any DirectoryLock {
        guard let lock = try lock(folder) else { throw FolderInUse(folder: folder, program: program) }
        return lock
    }
}
