import Console
import FileReading
import FoundationEssentials
import Glibc
import Harnesses
import Metering
import Settings

/// A session file that was found.
struct FoundFile {
    /// Where it lies, and what it is.
    let file: SessionFolder.File
    /// Its size in bytes.
    let size: Int64

    /// How it holds its records.
    var form: SessionFiles.Form { file.form }
    /// Its absolute path.
    var place: String { file.folder.place(of: file.path) }
}

/// Finds session files below what a user names, and whose they are.
final class SessionFileSearch {
    /// What was found, by folder and name, each file once.
    private(set) var files: [FoundFile] = []
    /// Files that may be session files and of which nothing tells the harness.
    private(set) var unknown = 0
    /// Session files that their agent has compressed, which are not read.
    private(set) var compressed = 0
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
            return add([(absolute, status)], in: String(absolute[..<slash]))
        }
        guard FileManager.default.fileExists(atPath: absolute) else { throw Failure("there is no \(path)") }
        add(Self.files(below: absolute), in: absolute)
    }

    /// Why there is nothing to do.
    func nothingFound(in paths: [String]) -> String {
        guard compressed == 0 else { return compressedFiles }
        guard paths.isEmpty else { return "no session files found in \(paths.joined(separator: ", "))" }
        let places = standard.map { "\($0.path) (\($0.harness))" }.joined(separator: "\n  ")
        return "no session files found; these folders were searched:\n  \(places)\nname others: tollbook import FOLDER"
    }

    /// What to do about compressed files.
    var compressedFiles: String {
        "\(compressed) compressed session files were left out; unpack them (zstd -d FILE) and import them again"
    }

    private func add(_ folder: SessionFolder) {
        for (place, status) in Self.files(below: folder.path) {
            let file = SessionFolder.file(at: place, in: folder.path, of: folder.harness, among: [folder])
            if let file, file.folder.path == folder.path {
                note(file, status)
            } else {
                noteCompressed(place, folder.path)
            }
        }
    }

    private func add(_ entries: [(place: String, status: FileStatus)], in folder: String) {
        var isAnyKnown = false
        for (place, status) in entries {
            if let file = SessionFolder.file(at: place, in: folder, of: harness, among: standard) {
                isAnyKnown = true
                note(file, status)
            } else if harness == nil, place.hasSuffix(".jsonl") {
                unknown += 1
            } else {
                noteCompressed(place, folder)
            }
        }
        guard let harness, !isAnyKnown else { return }
        for (place, status) in entries {
            if let file = SessionFolder.file(at: place, named: folder, of: harness) { note(file, status) }
        }
    }

    private func note(_ file: SessionFolder.File, _ status: FileStatus) {
        guard found.insert(status.identity).inserted else { return }
        files.append(FoundFile(file: file, size: status.size))
    }

    private func noteCompressed(_ place: String, _ folder: String) {
        guard place.hasSuffix(".zst") else { return }
        let plain = String(place.dropLast(".zst".count))
        guard !FileManager.default.fileExists(atPath: plain),
            SessionFolder.file(at: plain, in: folder, of: harness, among: standard) != nil
        else { return }
        compressed += 1
    }

    private static func files(below folder: String) -> [(place: String, status: FileStatus)] {
        var walk = FolderWalk(folder)
        var entries: [(place: String, status: FileStatus)] = []
        walk.walk { path, entry in
            if case .file(let status) = entry { entries.append((folder + "/" + path, status)) }
        }
        return entries.sorted { $0.place < $1.place }
    }

    private static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
