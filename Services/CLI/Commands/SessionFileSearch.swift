import Console
import FileReading
import FoundationEssentials
import Glibc
import Harnesses
import Metering
import Settings

/// A session file that was found.
struct FoundFile {
    /// The folder of its harness.
    let folder: SessionFolder
    /// Its path below that.
    let path: String
    /// How it holds its records.
    let form: SessionFiles.Form
    /// Its size in bytes.
    let size: Int64

    /// Its absolute path.
    var place: String { folder.place(of: path) }
}

/// Finds session files below what a user names, and whose they are.
final class SessionFileSearch {
    /// What was found, by folder and name, each file once.
    private(set) var files: [FoundFile] = []
    /// Files that may be session files and of which nothing tells the harness.
    private(set) var unknown = 0
    private let harness: Harness?
    private let standard: [SessionFolder]
    private var found: Set<FileIdentity> = []

    /// Starts a search.
    ///
    /// - Parameter harness: whose files they are; `nil` lets the folders tell.
    init(harness name: String?) throws {
        standard = SessionFolder.standard(home: Environment.text("HOME") ?? "/", variable: Environment.text)
        guard let name else {
            harness = nil
            return
        }
        let known = HarnessCatalog.standard.transcriptHarnesses
        guard let harness = Harness(normalising: name), known.contains(harness) else {
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw Failure("session files of \(name) are not read; choose one of \(names) with --harness")
        }
        self.harness = harness
    }

    /// Looks into the folders where agents keep their files.
    func addStandardFolders() {
        for folder in standard where harness == nil || folder.harness == harness { add(folder) }
    }

    /// Looks at a path: a file, or a folder.
    func add(_ path: String) throws {
        let absolute = Self.absolute(path)
        if let status = FileStatus(path: absolute) {
            let slash = absolute.lastIndex(of: "/") ?? absolute.startIndex
            let name = String(absolute[absolute.index(after: slash)...])
            return add(name, below: String(absolute[..<slash]), status, isNamed: true)
        }
        guard FileManager.default.fileExists(atPath: absolute) else { throw Failure("there is no \(path)") }
        var walk = FolderWalk(absolute)
        var entries: [(path: String, status: FileStatus)] = []
        walk.walk { path, entry in
            if case .file(let status) = entry { entries.append((path, status)) }
        }
        for (path, status) in entries.sorted(by: { $0.path < $1.path }) {
            add(path, below: absolute, status, isNamed: false)
        }
    }

    /// Why there is nothing to do.
    func nothingFound(in paths: [String]) -> String {
        guard paths.isEmpty else { return "no session files found in \(paths.joined(separator: ", "))" }
        let places = standard.map { "\($0.path) (\($0.harness))" }.joined(separator: "\n  ")
        return "no session files found; these folders were searched:\n  \(places)\nname others: tollbook import FOLDER"
    }

    private func add(_ folder: SessionFolder) {
        var walk = FolderWalk(folder.path)
        var entries: [(path: String, status: FileStatus)] = []
        walk.walk { path, entry in
            if case .file(let status) = entry { entries.append((path, status)) }
        }
        for (path, status) in entries.sorted(by: { $0.path < $1.path }) {
            if let form = folder.form(of: path) { note(folder, path, form, status) }
        }
    }

    private func add(_ path: String, below root: String, _ status: FileStatus, isNamed: Bool) {
        let place = root + "/" + path
        if let harness {
            guard let folder = SessionFolder(harness: harness, path: root) else { return }
            if let form = folder.form(of: path) ?? (isNamed ? .lines : nil) { note(folder, path, form, status) }
            return
        }
        if let (folder, path) = SessionFolder.containing(place, among: standard), let form = folder.form(of: path) {
            return note(folder, path, form, status)
        }
        guard HarnessGuess.isSessionFile(path) else { return }
        guard let name = HarnessGuess.harness(ofFile: place),
            let folder = SessionFolder(harness: Harness(rawValue: name), path: root)
        else {
            unknown += 1
            return
        }
        note(folder, path, folder.form(of: path) ?? .lines, status)
    }

    private func note(_ folder: SessionFolder, _ path: String, _ form: SessionFiles.Form, _ status: FileStatus) {
        guard found.insert(status.identity).inserted else { return }
        files.append(FoundFile(folder: folder, path: path, form: form, size: status.size))
    }

    private static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
