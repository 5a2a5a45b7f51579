import Glibc

extension DiskError: CustomStringConvertible {
    /// The call, the path and the system's words for the error.
    public var description: String {
        "\(operation) \(path): \(String(cString: strerror(code)))"
    }

    /// True where there was no room.
    public var isFull: Bool {
        code == ENOSPC || code == EDQUOT
    }

    /// True where the file to create exists already.
    var isExisting: Bool {
        code == EEXIST
    }
}
