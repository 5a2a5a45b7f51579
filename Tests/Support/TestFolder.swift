public import Foundation

/// A folder that lives as long as a test needs it.
public struct TestFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Makes a new folder among the system's temporary files.
    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "tollbook-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    /// Removes the folder and what is in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Every file below the folder, with its path inside it.
    public func files() -> [(name: String, bytes: Data)] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.sorted().compactMap { name in
            FileManager.default.contents(atPath: path + "/" + name).map { (name, $0) }
        }
    }
}
