/// The file-system calls a spool makes.
///
/// A seam: a simulation puts a disk here that is full, fails, or forgets what was not synchronized.
public protocol Disk: Sendable {
    /// Creates a directory, and those above it where missing; one that exists is no error.
    func createDirectory(_ path: String) throws(DiskError)

    /// The names in a directory, in no order.
    func entries(of directory: String) throws(DiskError) -> [String]

    /// Locks a directory against other processes and other holders in this one, without waiting.
    ///
    /// - Returns: nil where another holds it or it is gone; otherwise a lock that lasts as long as the object.
    func lock(_ directory: String) throws(DiskError) -> (any DirectoryLock)?

    /// Creates a file that must not exist.
    func createFile(_ path: String) throws(DiskError) -> any DiskFile

    /// Opens a file that exists.
    func openFile(_ path: String) throws(DiskError) -> any DiskFile

    /// Removes a file; one that is gone is no error.
    func removeFile(_ path: String) throws(DiskError)

    /// Removes an empty directory; one that is gone is no error.
    func removeDirectory(_ path: String) throws(DiskError)

    /// Makes the creation and removal of a directory's entries durable.
    func synchronizeDirectory(_ path: String) throws(DiskError)

    /// How many bytes may still be written where a directory lies.
    func availableBytes(at directory: String) throws(DiskError) -> Int64
}

/// An open file that grows at its end.
public protocol DiskFile: AnyObject {
    /// How many bytes the file has.
    var size: Int { get throws(DiskError) }

    /// Writes at the end; after an error some of the bytes may have been written.
    func append(_ bytes: [UInt8]) throws(DiskError)

    /// Reads from an offset; fewer bytes only at the end of the file.
    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8]

    /// Cuts the file off.
    func truncate(to size: Int) throws(DiskError)

    /// Makes everything written durable.
    func synchronize() throws(DiskError)
}

/// A lock on a directory, released with the object.
public protocol DirectoryLock: AnyObject {}

/// A failed file-system call.
public struct DiskError: Error, Hashable, Sendable {
    /// The call.
    public let operation: String
    /// The file or directory.
    public let path: String
    /// Its `errno`.
    public let code: Int32

    /// Makes an error.
    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }
}
