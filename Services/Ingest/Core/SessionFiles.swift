/// Where a harness keeps its session files, as data: folders, the files in them, and their form.
public struct SessionFiles: Sendable {
    /// The folders to look in; each may or may not exist.
    public let roots: [Root]
    /// The files below the folders; the first pattern that fits a file says what it is.
    public let files: [Pattern]
    /// What the end of a file's path may be like, in the form of a pattern, that tells whose file it is wherever it lies.
    let marks: [String]

    init(roots: [Root], files: [Pattern], marks: [String] = []) {
        self.roots = roots
        self.files = files
        self.marks = marks
    }

    /// The folders to look in, each once, whether they exist or not.
    ///
    /// - Parameters:
    ///   - home: the user's home folder.
    ///   - variable: the value of an environment variable.
    public func folders(home: String, variable: (String) -> String?) -> [String] {
        var folders: [String] = []
        for folder in roots.flatMap({ $0.folders(home: home, variable: variable) }) where !folders.contains(folder) {
            folders.append(folder)
        }
        return folders
    }

    /// The form of a file by its path below one of the folders; `nil` when it is no session file.
    public func form(of path: String) -> Form? {
        files.first { $0.fits(path) }?.form
    }

    /// How a file holds its records.
    public enum Form: Hashable, Sendable {
        /// A record on each line; the file grows.
        case lines
        /// One JSON document, written anew when something changes.
        case document
        /// An SQLite database, to be opened for reading only.
        ///
        /// Each query gives rows of one text, which are read like lines.
        case database(queries: [String])
    }

    /// One place where a folder may be: the first of its names that is set.
    public struct Root: Sendable {
        private let places: [Place]

        init(_ places: Place...) {
            self.places = places
        }

        func folders(home: String, variable: (String) -> String?) -> [String] {
            for place in places {
                let folders = place.folders(home: home, variable: variable)
                if !folders.isEmpty { return folders }
            }
            return []
        }
    }

    /// A name of a folder.
    enum Place: Sendable {
        /// A folder below those that an environment variable names, one or several with commas between them.
        case variable(String, String = "")
        /// Folders below the user's home.
        case folders([String])

        /// Folders below the user's home.
        static func home(_ folders: String...) -> Place { .folders(folders) }

        func folders(home: String, variable: (String) -> String?) -> [String] {
            switch self {
            case .folders(let folders): return folders.map { home + "/" + $0 }
            case .variable(let name, let folder):
                return (variable(name) ?? "").split(separator: ",").compactMap { part in
                    var path = part.drop { $0 == " " }
                    while path.last == " " || path.last == "/" { path.removeLast() }
                    guard !path.isEmpty else { return nil }
                    let absolute = path.hasPrefix("~/") ? home + path.dropFirst() : String(path)
                    return folder.isEmpty ? absolute : absolute + "/" + folder
                }
            }
        }
    }

    /// The files that a pattern names: `*` stands for any part of one name, `**` for any number of folders.
    public struct Pattern: Sendable {
        /// The pattern, below a folder.
        public let glob: String
        /// What the files are.
        public let form: Form

        init(_ glob: String, _ form: Form) {
            self.glob = glob
            self.form = form
        }

        func fits(_ path: String) -> Bool {
            Self.fits(path.split(separator: "/")[...], glob.split(separator: "/")[...])
        }

        static func fits(_ path: ArraySlice<Substring>, _ glob: ArraySlice<Substring>) -> Bool {
            guard let wanted = glob.first else { return path.isEmpty }
            if wanted == "**" {
                return (path.startIndex...path.endIndex).contains { fits(path[$0...], glob.dropFirst()) }
            }
            guard let name = path.first, matches(name.utf8, wanted.utf8) else { return false }
            return fits(path.dropFirst(), glob.dropFirst())
        }

        /// Whether a name has the parts between stars, in order.
        private static func matches(_ name: Substring.UTF8View, _ wanted: Substring.UTF8View) -> Bool {
            let parts = wanted.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            guard let first = parts.first, let last = parts.last, parts.count > 1 else {
                return name.elementsEqual(wanted)
            }
            guard name.count >= first.count + last.count, name.starts(with: first),
                name.suffix(last.count).elementsEqual(last)
            else { return false }
            var rest = Substring(name.dropFirst(first.count).dropLast(last.count))
            for part in parts.dropFirst().dropLast() where !part.isEmpty {
                guard let range = rest.firstRange(of: Substring(part)) else { return false }
                rest = rest[range.upperBound...]
            }
            return true
        }
    }
}
