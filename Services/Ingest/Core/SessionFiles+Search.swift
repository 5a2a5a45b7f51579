extension SessionFiles {
    /// Where a session file is that somebody's folder holds.
    public struct Find: Hashable, Sendable {
        /// What the file is.
        public let form: Form
        /// The folder that stands for the harness's own.
        public let root: String
        /// The file's path below that.
        public let path: String

        init(_ form: Form, _ names: [Substring], rootLength: Int) {
            self.form = form
            root = names[..<rootLength].map { "/" + $0 }.joined()
            path = names[rootLength...].joined(separator: "/")
        }
    }

    /// Finds out what a file is by its absolute path, where somebody names a folder that holds files of this harness: its
    /// own folder, one in that, one around it, or a copy of any of them.
    public func find(_ place: String, in folder: String) -> Find? {
        let names = place.split(separator: "/")
        let depth = min(folder.split(separator: "/").count, names.count)
        // The folder itself, then those above it and at last those in it, the nearest first.
        for root in (0...depth).reversed() + Array(depth..<names.count) {
            let path = names[root...]
            if let pattern = files.first(where: { Pattern.fits(path, $0.glob.split(separator: "/")[...]) }) {
                return Find(pattern.form, names, rootLength: root)
            }
        }
        return isMarked(place) ? find(place, byNameIn: folder) : nil
    }

    /// Takes a file for what its name alone fits, where somebody says whose it is and no folder says more.
    public func find(_ place: String, byNameIn folder: String) -> Find? {
        let names = place.split(separator: "/")
        let pattern = files.first { pattern in
            Pattern.fits(names.suffix(1)[...], pattern.glob.split(separator: "/").suffix(1)[...])
        }
        let depth = min(folder.split(separator: "/").count, names.count)
        return pattern.map { Find($0.form, names, rootLength: depth) }
    }

    /// Whether a path by itself tells that the file is this harness's.
    public func isMarked(_ place: String) -> Bool {
        let names = place.split(separator: "/")
        return marks.contains { mark in
            names.indices.contains { Pattern.fits(names[$0...], mark.split(separator: "/")[...]) }
        }
    }
}
