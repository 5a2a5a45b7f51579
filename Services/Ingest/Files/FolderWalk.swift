import Glibc

/// Walks through the folders below one, links to folders too, each folder once.
public struct FolderWalk {
    /// What there is.
    public enum Entry {
        /// A folder that was entered.
        case folder
        /// A regular file.
        case file(FileStatus)
    }

    /// Folders that could not be read.
    public private(set) var failures = 0
    private let root: String
    private var entered: Set<FileIdentity> = []
    /// No agent nests its files deeper; a wrong folder could be.
    private static let maximumDepth = 24

    /// Makes a walk below a folder, which may or may not exist.
    public init(_ root: String) {
        self.root = root
    }

    /// Walks.
    ///
    /// - Parameters:
    ///   - start: the folder below the root to begin with; empty for the root.
    ///   - enters: whether to go into a folder below that.
    ///   - visit: told of each file and of each folder gone into, with its path below the root.
    public mutating func walk(
        from start: String = "", enters: (_ path: String) -> Bool = { _ in true },
        _ visit: (_ path: String, _ entry: Entry) -> Void
    ) {
        let depth = start.isEmpty ? 0 : start.split(separator: "/").count
        enter(start, depth: depth, enters, visit)
    }

    private mutating func enter(
        _ path: String, depth: Int, _ enters: (String) -> Bool, _ visit: (String, Entry) -> Void
    ) {
        let place = path.isEmpty ? root : root + "/" + path
        var status = stat()
        guard stat(place, &status) == 0, status.isFolder, entered.insert(status.identity).inserted else { return }
        guard let folder = opendir(place) else {
            if errno != ENOENT { failures += 1 }
            return
        }
        visit(path, .folder)
        var folders: [String] = []
        while let entry = readdir(folder) {
            let name = Self.name(of: entry)
            guard name != ".", name != ".." else { continue }
            guard fstatat(dirfd(folder), name, &status, 0) == 0 else { continue }
            let inner = path.isEmpty ? name : path + "/" + name
            if status.isFolder {
                folders.append(inner)
            } else if status.isRegularFile {
                visit(inner, .file(FileStatus(status)))
            }
        }
        closedir(folder)
        // Closed before going deeper: one descriptor is open at a time.
        guard depth < Self.maximumDepth else { return }
        for folder in folders where enters(folder) { enter(folder, depth: depth + 1, enters, visit) }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }
}
