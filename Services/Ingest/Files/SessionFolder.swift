public import Harnesses
public import Metering

/// A folder in which a harness keeps session files.
public struct SessionFolder: Sendable {
    /// The harness.
    public let harness: Harness
    /// The folder.
    public let path: String
    private let files: SessionFiles

    init(harness: Harness, path: String, files: SessionFiles) {
        self.harness = harness
        self.path = path
        self.files = files
    }

    /// The folders in which the harnesses keep their files where nobody says otherwise, whether they exist or not.
    ///
    /// - Parameters:
    ///   - home: the user's home folder.
    ///   - variable: the value of an environment variable.
    public static func standard(
        of catalog: HarnessCatalog = .standard, home: String, variable: (String) -> String?
    ) -> [SessionFolder] {
        catalog.sessionFiles.flatMap { harness, files in
            files.folders(home: home, variable: variable).map {
                SessionFolder(harness: harness, path: $0, files: files)
            }
        }
    }

    /// A folder of a harness that somebody names; `nil` when files of that harness are not read.
    public init?(harness: Harness, path: String, catalog: HarnessCatalog = .standard) {
        guard let files = catalog.sessionFiles.first(where: { $0.harness == harness })?.files else { return nil }
        var path = Substring(path)
        while path.count > 1, path.last == "/" { path.removeLast() }
        self.init(harness: harness, path: String(path), files: files)
    }

    /// The folder a file lies in, and its path below that: one of those that are given, or one of another user or another
    /// machine that is called alike.
    public static func containing(
        _ place: String, among folders: [SessionFolder], catalog: HarnessCatalog = .standard
    ) -> (folder: SessionFolder, path: String)? {
        for folder in folders where place.hasPrefix(folder.path + "/") {
            return (folder, String(place.dropFirst(folder.path.count + 1)))
        }
        for folder in standard(of: catalog, home: "", variable: { _ in nil }) {
            guard let range = place.firstRange(of: folder.path + "/") else { continue }
            let root = String(place[..<range.upperBound].dropLast())
            return (
                SessionFolder(harness: folder.harness, path: root, files: folder.files),
                String(place[range.upperBound...])
            )
        }
        return nil
    }

    /// The form of a file by its path below the folder; `nil` when it is no session file.
    public func form(of path: String) -> SessionFiles.Form? { files.form(of: path) }

    /// The absolute path of a file below the folder.
    public func place(of path: String) -> String { self.path + "/" + path }

    /// Begins to read a file below the folder.
    public func begin(_ path: String, intake: Intake) -> TranscriptReading? {
        intake.beginTranscript(of: harness, file: SessionFile(path: place(of: path), siblings: siblings))
    }

    /// The other files of the folder, for files that can only be understood with them.
    private var siblings: SiblingFiles {
        SiblingFiles { part, lines in
            var found: String?
            var walk = FolderWalk(self.path)
            walk.walk { path, entry in
                guard found == nil, case .file = entry, self.form(of: path) != nil,
                    path.split(separator: "/").last?.contains(part) == true
                else { return }
                found = path
            }
            guard let found, let file = try? OpenFile(self.place(of: found)) else { return false }
            Self.read(file, lines)
            return true
        }
    }

    private static func read(_ file: borrowing OpenFile, _ take: SiblingFiles.Lines) {
        var reader = LineReader()
        while let part = try? reader.next(in: file) {
            switch part {
            case .oversizedLine: continue
            case .end: return
            case .lines(let text):
                for line in text.split(separator: UInt8(ascii: "\n")) where !take(line) { return }
            }
        }
    }
}
