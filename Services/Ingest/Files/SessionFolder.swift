public import Harnesses
public import Metering

/// A folder in which a harness keeps session files.
public struct SessionFolder: Sendable {
    /// The harness.
    public let harness: Harness
    /// The folder.
    public let path: String
    private let files: SessionFiles
    /// Whether somebody named it: it may be the harness's own folder, one in that, one around it, or a copy.
    private let isNamed: Bool

    init(harness: Harness, path: String, files: SessionFiles, isNamed: Bool = false) {
        self.harness = harness
        self.path = path
        self.files = files
        self.isNamed = isNamed
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
        self.init(harness: harness, path: String(path), files: files, isNamed: true)
    }

    /// A session file, by where it lies.
    public struct File: Sendable {
        /// The folder of its harness.
        public let folder: SessionFolder
        /// Its path below that.
        public let path: String
        /// How it holds its records.
        public let form: SessionFiles.Form

        init(_ harness: Harness, _ files: SessionFiles, _ find: SessionFiles.Find) {
            folder = SessionFolder(harness: harness, path: find.root, files: files, isNamed: true)
            path = find.path
            form = find.form
        }
    }

    /// Finds out whose session file lies at a place and what it is; `nil` when it is none, or nothing tells whose.
    ///
    /// - Parameters:
    ///   - folder: the folder that somebody named, in which it lies.
    ///   - harness: whose it is; `nil` lets its path tell.
    ///   - standard: where the harnesses keep their files here.
    public static func file(
        at place: String, in folder: String, of harness: Harness?, among standard: [SessionFolder],
        catalog: HarnessCatalog = .standard
    ) -> File? {
        if let harness {
            guard let files = catalog.sessionFiles.first(where: { $0.harness == harness })?.files else { return nil }
            return files.find(place, in: folder).map { File(harness, files, $0) }
        }
        if let (home, path) = containing(place, among: standard, catalog: catalog),
            let find = home.files.find(place, in: home.path), find.path == path
        {
            return File(home.harness, home.files, find)
        }
        let marked = catalog.sessionFiles.first { $0.files.isMarked(place) }
        return marked.flatMap { harness, files in files.find(place, in: folder).map { File(harness, files, $0) } }
    }

    /// Takes a file for one of a harness by its name alone.
    public static func file(
        at place: String, named folder: String, of harness: Harness, catalog: HarnessCatalog = .standard
    ) -> File? {
        guard let files = catalog.sessionFiles.first(where: { $0.harness == harness })?.files else { return nil }
        return files.find(place, byNameIn: folder).map { File(harness, files, $0) }
    }

    /// The folder a file lies in, and its path below that: one of those that are given, or one of another user or another
    /// machine that is called alike.
    private static func containing(
        _ place: String, among folders: [SessionFolder], catalog: HarnessCatalog
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
    public func form(of path: String) -> SessionFiles.Form? {
        isNamed ? files.find(place(of: path), in: self.path)?.form : files.form(of: path)
    }

    /// The absolute path of a file below the folder.
    public func place(of path: String) -> String { self.path + "/" + path }

    /// Begins to read a file below the folder.
    public func begin(_ path: String, intake: Intake) -> TranscriptReading? {
        let place = place(of: path)
        var home = self
        if isNamed, let find = files.find(place, in: self.path) {
            home = SessionFolder(harness: harness, path: find.root, files: files, isNamed: true)
        }
        return intake.beginTranscript(of: harness, file: SessionFile(path: place, siblings: home.siblings))
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
